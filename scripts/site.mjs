// A site of docs/, with a search and an API reference made from the types of bundle/:
//   npm run docs              makes it in scripts/site/build/.vitepress/dist, and serves it
//   npm run docs -- --build   makes it alone
// A link that leads nowhere is an error. bundle/ is there already (npm run build:ts).

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HERE = join(ROOT, 'scripts/site');
const SITE = join(HERE, 'build'); // below node_modules, in which its pages find Vue
const PAGES = join(SITE, 'pages');
const MADE = join(SITE, '.vitepress/dist');
const BESIDE = ['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: HERE, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const tool = (name) => join(HERE, 'node_modules/.bin', name);

/** Pages keep their places, so that their links hold; what is no page is served as it is. */
function copyPages() {
  rmSync(SITE, { recursive: true, force: true });
  mkdirSync(join(PAGES, 'public'), { recursive: true });
  cpSync(join(ROOT, 'docs'), join(PAGES, 'docs'), { recursive: true });
  for (const page of BESIDE) copyFileSync(join(ROOT, page), join(PAGES, page));
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  // a folder is no page, and a name without an ending is taken for one
  const home = readme
    .replace('[examples](examples)', '`examples`')
    .replace('(LICENSE)', '(/LICENSE.txt)');
  writeFileSync(join(PAGES, 'index.md'), home);
  cpSync(join(ROOT, 'examples'), join(PAGES, 'public/examples'), { recursive: true });
  copyFileSync(join(ROOT, 'LICENSE'), join(PAGES, 'public/LICENSE.txt'));
  copyFileSync(join(HERE, 'icon.svg'), join(PAGES, 'public/icon.svg'));
}

function makeReference() {
  const { files } = JSON.parse(readFileSync(join(HERE, 'tsconfig.json'), 'utf8'));
  const how = {
    plugin: 'typedoc-plugin-markdown',
    tsconfig: 'tsconfig.json',
    name: 'API reference',
    readme: 'none',
    out: join(PAGES, 'api'),
    router: 'module',
    entryFileName: 'index',
    logLevel: 'Warn',
    // types that an exported one names, and that nobody has to name himself
    'validation.notExported': 'false',
  };
  const flags = ['--hideBreadcrumbs', '--hidePageHeader', '--disableSources'];
  run(
    tool('typedoc'),
    ...Object.entries(how).flatMap(([name, value]) => [`--${name}`, value]),
    ...flags,
    ...files,
  );
}

function vitepress(command) {
  run(tool('vitepress'), command, SITE);
}

/** VitePress looks at links between pages alone: these are all others. */
function checkFiles() {
  const pages = readdirSync(MADE, { recursive: true }).filter((path) => path.endsWith('.html'));
  const lost = pages.flatMap((page) => {
    const links = readFileSync(join(MADE, page), 'utf8').matchAll(
      / (?:href|src)="(?!\w+:)([^"#?]+)/g,
    );
    return [...links]
      .map(([, link]) => decodeURI(link.startsWith('/') ? link : join('/', dirname(page), link)))
      .filter((link) => !['', '.html', 'index.html'].some((end) => isFile(join(MADE, link + end))))
      .map((link) => `${page}: ${link}`);
  });
  console.log(`${pages.length} pages, ${lost.length} links lead nowhere`);
  if (lost.length === 0) return;
  console.error(lost.join('\n'));
  process.exit(1);
}

const isFile = (path) => existsSync(path) && !path.endsWith('/');

if (!existsSync(tool('vitepress'))) run('npm', 'ci', '--ignore-scripts');
copyPages();
makeReference();
mkdirSync(join(SITE, '.vitepress'));
for (const file of ['config.mjs', 'pages.mjs']) {
  copyFileSync(join(HERE, file), join(SITE, '.vitepress', file));
}
vitepress('build');
checkFiles();
if (!process.argv.includes('--build')) vitepress('preview');
