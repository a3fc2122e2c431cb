import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { STARTED } from '../scripts/bundle/layout.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** `from './x.js'`, `import('./x.js')` and `require('./x.cjs')`. */
const REFERENCE = /(?:from|import|import\(|require\()\s*["'](\.[^"']*)["']/g;
const STATIC = /^(?:import|export)\b[^'"\n]*?["'](\.[^"']*)["']/gm;
const WORKER = /new URL\('(\.\/[^']*)\.js', import\.meta\.url\)/g;
const MOST_FILES = 300;
const MOST_BYTES = 2_000_000;
/** An addon for one processor and C library, as scripts/prebuild.mjs makes it, packed. */
const ADDON_BYTES = 125_000;
const ADDONS = 4;

interface Packed {
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

function pack(): Packed {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const [packed] = JSON.parse(output) as [Packed];
  return packed;
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

const packed = pack();
const files = new Set(packed.files.map(({ path }) => path));

test('the package is small: other files are parts of those of scripts/bundle/layout.mjs', () => {
  const missing = ADDONS - [...files].filter((path) => path.startsWith('prebuilds/')).length;
  expect(files.size + missing).toBeLessThanOrEqual(MOST_FILES);
  expect(packed.size + missing * ADDON_BYTES).toBeLessThanOrEqual(MOST_BYTES);
});

/** Modules that the package's own modules name and that are not in it. */
function dangling(modules: readonly string[]): string[] {
  return modules.flatMap((module) =>
    [...readFileSync(join(ROOT, module), 'utf8').matchAll(REFERENCE)]
      .map(([, path]) => normalize(join(dirname(module), path as string)))
      .filter((path) => /\.(c?js|ts)$/.test(path) && !files.has(path))
      .map((path) => `${module}: ${path}`),
  );
}

test('each module and each declaration of the package finds what it imports', () => {
  const modules = [...files].filter((path) => /^bundle\/.*\.(c?js|d\.ts)$/.test(path));
  expect(modules.length).toBeGreaterThan(90);
  // a declaration names the module that it is of
  const lost = dangling(modules).filter(
    (line) =>
      !line.includes('.d.ts: ') || !files.has(line.replace(/.*: /, '').replace('.js', '.d.ts')),
  );
  expect(lost).toEqual([]);
});

test('workers and programs of the package are files of it', () => {
  const started = STARTED.map((name) => `bundle/${name}.js`);
  expect(started.filter((path) => !files.has(path))).toEqual([]);
  const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' });
  // new URL('./x-main.js', import.meta.url) in lib/a is lib/a/x-main.ts
  const named = sources
    .filter((path) => path.endsWith('.ts') && !path.startsWith('bench/'))
    .flatMap((path) =>
      [...readFileSync(join(ROOT, 'lib', path), 'utf8').matchAll(WORKER)].map(([, name = '']) =>
        join(dirname(path), name),
      ),
    );
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((name) => !STARTED.includes(name))).toEqual([]);
});

/** Files of bundle/ that are loaded with one of them. */
function loadedWith(file: string, known = new Set<string>()): ReadonlySet<string> {
  known.add(file);
  const text = readFileSync(join(ROOT, 'bundle', file), 'utf8');
  for (const [, path = ''] of text.matchAll(STATIC)) {
    const next = normalize(join(dirname(file), path));
    if (!known.has(next)) loadedWith(next, known);
  }
  return known;
}

test('a host of stress starts its threads before anything else is loaded', () => {
  expect([...loadedWith('stress/host-main.js')]).toEqual(['stress/host-main.js', 'stress/host.js']);
});

test('a thread of stress loads neither reports, nor the kernel side, nor the command line', () => {
  const loaded = [...loadedWith('stress/actor-worker.js')];
  expect(loaded).toContain('stress/stress.js');
  expect(loaded.filter((file) => /^(kernel|core|cli|report\/report)/.test(file))).toEqual([]);
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

/** Sources that the checkout's own tests alone build. */
const NOT_SHIPPED = /^sim_|^arch_generic_/;

test('the package ships what its install script and its exports need', () => {
  const { bin, man: pages } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
    man: string[];
  };
  const { variables } = JSON.parse(readFileSync(join(ROOT, 'native/sources.gypi'), 'utf8')) as {
    variables: Record<string, string[]>;
  };
  const needed = [
    ...Object.entries(variables).flatMap(([name, paths]) => (NOT_SHIPPED.test(name) ? [] : paths)),
    'bundle/explorer.json',
    'native/sources.gypi',
    'native/include/syslets/abi.h',
    ...LIBRARY,
    'binding.gyp',
    'scripts/install.mjs',
    'scripts/headers.mjs',
    'bundle/index.js',
    'bundle/index.d.ts',
    bin.syslets as string,
    ...pages,
    'LICENSE',
    'README.md',
  ];
  expect(needed.filter((path) => !files.has(path))).toEqual([]);
  expect(needed.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
