import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** `from './x.js'`, `import('./x.js')` and `new URL('./x.js', import.meta.url)`. */
const REFERENCE = /(?:from|import|import\(|new URL\()\s*["'](\.[^"']*)["']/g;

function shipped(): ReadonlySet<string> {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const [pack] = JSON.parse(output) as [{ files: { path: string }[] }];
  return new Set(pack.files.map(({ path }) => path));
}

/** What `cmake -S node_modules/syslets/native` needs beside the sources. */
const LIBRARY = [
  'CMakeLists.txt',
  'settings.cmake',
  'install.cmake',
  'libsyslets.map',
  'syslets-config.cmake',
  'syslets.pc.in',
  'man/syslets.7',
  'man/sys_indirect.2',
  'man/syslet_attach.3',
].map((file) => `native/${file}`);

const files = shipped();

/** Modules that the package's own modules name and that are not in it. */
function dangling(modules: readonly string[]): string[] {
  return modules.flatMap((module) =>
    [...readFileSync(join(ROOT, module), 'utf8').matchAll(REFERENCE)]
      .map(([, path]) => normalize(join(dirname(module), path as string)))
      .filter((path) => /\.(js|ts)$/.test(path) && !files.has(path))
      .map((path) => `${module}: ${path}`),
  );
}

test('each module and each declaration of the package finds what it imports', () => {
  const modules = [...files].filter((path) => /^dist\/.*\.(js|d\.ts)$/.test(path));
  expect(modules.length).toBeGreaterThan(500);
  // a declaration names the sources: ./x.ts stands for ./x.d.ts, or ./x.js
  const lost = dangling(modules).filter((line) => {
    const path = line.slice(line.indexOf(': ') + 2);
    return !files.has(path.replace(/\.ts$/, '.d.ts'));
  });
  expect(lost).toEqual([]);
});

test('benchmarks, fuzzers and tests stay out', () => {
  const out = [...files].filter((path) => /(^|\/)(bench|fuzz|test|reports)[/-]|fuzz/.test(path));
  expect(out).toEqual([]);
});

test.each(['README.md', ...[...files].filter((path) => /^docs\/.*\.md$/.test(path))])(
  'the relative links of %s lead into the package',
  (page) => {
    const links = [
      ...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\(([^)#:\s]+)(#[^)]*)?\)/g),
    ];
    const lost = links
      .map(([, path]) => normalize(join(dirname(page), path as string)).replace(/\/$/, ''))
      .filter(
        (path) => !files.has(path) && ![...files].some((file) => file.startsWith(`${path}/`)),
      );
    expect(lost).toEqual([]);
  },
);

test('`prepare` does nothing in an installed package', () => {
  const copy = mkdtempSync(join(tmpdir(), 'syslets-prepare-'));
  try {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const [, script] = (scripts.prepare as string).split(' ') as [string, string];
    expect(files.has(script)).toBe(true);
    cpSync(join(ROOT, script), join(copy, script));
    // were it to build, the status would be another
    writeFileSync(
      join(copy, 'package.json'),
      JSON.stringify({ scripts: { prepare: scripts.prepare, 'build:ts': 'exit 3' } }),
    );
    expect(spawnSync('npm', ['run', '--silent', 'prepare'], { cwd: copy }).status).toBe(0);
  } finally {
    rmSync(copy, { recursive: true });
  }
});

test('the package ships what its install script and its exports need', () => {
  const { man: pages } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    man: string[];
  };
  const { variables } = JSON.parse(readFileSync(join(ROOT, 'native/sources.gypi'), 'utf8')) as {
    variables: Record<string, string[]>;
  };
  const needed = [
    ...Object.values(variables).flat(),
    'native/sources.gypi',
    'native/include/syslets/abi.h',
    ...LIBRARY,
    'binding.gyp',
    'scripts/install.mjs',
    'scripts/headers.mjs',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/cli/main.js',
    'dist/report/client/report-page.js',
    'dist/report/client/trace-page.css',
    ...pages,
    'LICENSE',
    'README.md',
  ];
  expect(needed.filter((path) => !files.has(path))).toEqual([]);
  expect(needed.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
