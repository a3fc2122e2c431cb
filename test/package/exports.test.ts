import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { PackedProject } from './packed.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string; default: string }>;
};
const project = new PackedProject();
afterAll(() => project.remove());

/** Entries that a program imports; syslets/vitest needs a test run around it (pools.test.ts). */
const ENTRIES = Object.entries(exports).flatMap(([name, files]) =>
  typeof files === 'string' || name === './vitest' ? [] : [{ name, file: files.default }],
);
const specifier = (name: string) => join('syslets', name);

test.each(ENTRIES)(
  '$name is imported, and has the names that dist/ has',
  async ({ name, file }) => {
    const script = `console.log(JSON.stringify(Object.keys(await import('${specifier(name)}')).sort()))`;
    const { stdout, stderr } = project.node('--input-type=module', '-e', script);
    const module = await import(join(ROOT, file.replace('./bundle/', 'dist/')));
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(Object.keys(module).sort());
  },
);

const requires = process.features.require_module === true;

test.each(ENTRIES)('$name is required, where Node requires modules', ({ name }) => {
  const script = `console.log(Object.keys(require('${specifier(name)}')).length > 0)`;
  const { status, stdout, stderr } = project.node('--no-warnings', '-e', script);
  if (requires)
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'true\n', stderr: '' });
  else expect(stderr).toContain('ERR_REQUIRE_ESM');
});

/** Names by which several of the modules have one function. */
function commonNames(modules: readonly object[]): readonly string[] {
  const all = modules.flatMap((module) => Object.entries(module));
  const isThereBefore = ([key, value]: [string, unknown], at: number) =>
    typeof value === 'function' && all.some(([k, v], i) => i < at && k === key && v === value);
  return all.filter(isThereBefore).map(([key]) => key);
}

test('what two entries export exists once', async () => {
  const names = ENTRIES.map(({ name }) => `await import('${specifier(name)}')`);
  project.write('common.mjs', `console.log(JSON.stringify((${commonNames})([${names}])));`);
  const { stdout, stderr } = project.node('common.mjs');
  const modules = ENTRIES.map(({ file }) => import(join(ROOT, file.replace('./bundle/', 'dist/'))));
  const common = commonNames(await Promise.all(modules));
  expect(stderr).toBe('');
  expect(common.length).toBeGreaterThan(0);
  expect(JSON.parse(stdout)).toEqual(common);
});

test('a module of the package is in one of its files', () => {
  const files = readdirSync(join(project.package, 'bundle'), { recursive: true, encoding: 'utf8' });
  const sources = files
    .filter((file) => file.endsWith('.js.map'))
    .flatMap((file) => {
      const text = readFileSync(join(project.package, 'bundle', file), 'utf8');
      return (JSON.parse(text) as { sources: string[] }).sources.map((source) =>
        join(dirname(file), source),
      );
    });
  expect(sources.length).toBeGreaterThan(300);
  expect(new Set(sources).size).toBe(sources.length);
});

test('a frame of the package is shown in its source, with --enable-source-maps', () => {
  const script = `import { i32, view } from 'syslets/abi'; try { view(i32, 0); } catch (error) { console.log(error.stack); }`;
  const { stdout } = project.node('--enable-source-maps', '--input-type=module', '-e', script);
  expect(stdout).toMatch(/at .*syslets\/bundle\/abi\/[\w-]+\.ts:\d+:\d+/);
});

test('the map of what is imported holds its sources, and names lines that they have', () => {
  const require = createRequire(import.meta.url);
  const { decode } =
    require('@jridgewell/sourcemap-codec') as typeof import('@jridgewell/sourcemap-codec');
  const map = JSON.parse(readFileSync(join(project.package, 'bundle/kernel.js.map'), 'utf8')) as {
    sources: string[];
    sourcesContent: string[];
    mappings: string;
  };
  expect(map.sources).toContain('kernel/kernel.ts');
  const counts = map.sourcesContent.map((text) => text.split('\n').length);
  map.sources.forEach((source, at) => {
    expect(map.sourcesContent[at]).toBe(readFileSync(join(ROOT, 'lib', source), 'utf8'));
  });
  const segments = decode(map.mappings).flat();
  expect(segments.length).toBeGreaterThan(1000);
  for (const [, source = 0, line = 0] of segments) expect(line).toBeLessThan(counts[source] ?? 0);
});

test("the command's map names its sources and leaves them to the repository", () => {
  const path = join(project.package, 'bundle/cli/abi.js.map');
  const map = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  expect(map.sources).toContain('../abi-tools/probe.ts');
  expect(map).not.toHaveProperty('sourcesContent');
});
