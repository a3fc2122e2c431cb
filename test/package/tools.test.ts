// The packed package under the tools of users' projects: a test runner, and bundlers.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { afterAll, expect, test } from 'vitest';
import { open } from '../report/browser.ts';
import { ADDON, PackedProject } from './packed.ts';
import { tool, whyNoTools } from './tools.ts';

const project = new PackedProject();
afterAll(() => project.remove());
const at = (path: string) => join(project.folder, path);

project.write(
  'suite.mjs',
  `import { expect, test } from '@jest/globals';
import { Kernel, NR, sys } from 'syslets';
import { i32, struct, view, x86_64 } from 'syslets/abi';

test('a view', () => {
  const point = view(struct('point', { x: i32, y: i32 }), x86_64, new ArrayBuffer(8));
  point.y = 7;
  expect(point.y).toBe(7);
});

test('calls', async () => {
  expect(await sys.call('getpid')).toBe(process.pid);
  sys.detach();
  const kernel = Kernel.attach();
  const fds = new Int32Array(2);
  kernel.complete(NR.pipe2, fds, 0);
  expect(fds[1]).toBeGreaterThan(fds[0]);
  kernel.detach();
});
`,
);

test('jest runs a suite that uses syslets/abi and calls', ({ skip }) => {
  const why = whyNoTools();
  skip(why !== undefined, why);
  const config = {
    testEnvironment: 'node',
    testRegex: 'suite\\.mjs$',
    transform: {},
    rootDir: '.',
  };
  const flags = ['--no-warnings', '--experimental-vm-modules'];
  const args = ['--ci', '--config', JSON.stringify(config)];
  const { status, stderr } = project.node(...flags, tool('jest/bin/jest.js'), ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('2 passed') });
});

project.write(
  'page.mjs',
  `import { i32, struct, u64, view, x86_64 } from 'syslets/abi';
const point = view(struct('point', { x: i32, n: u64 }), x86_64, new ArrayBuffer(16));
point.x = -5;
point.n = 2n ** 40n;
document.title = [point.x, point.n].join(' ');
`,
);

/** Finds the package as Node does; its entries for Vitest are not asked for. */
const packages = {
  name: 'packages',
  resolveId: (source: string) =>
    source === 'syslets/abi' ? join(project.package, 'bundle/abi/index.js') : null,
};

const BUNDLERS = {
  esbuild: async (outfile: string) => {
    await build({ entryPoints: [at('page.mjs')], bundle: true, format: 'iife', outfile });
  },
  rollup: async (file: string) => {
    const bundle = await rollup({
      input: at('page.mjs'),
      plugins: [packages],
      onwarn: ({ message }) => {
        throw new Error(message);
      },
    });
    await bundle.write({ file, format: 'iife' });
  },
  webpack: async (file: string) => {
    const options = {
      mode: 'none',
      context: project.folder,
      entry: './page.mjs',
      output: { path: project.folder, filename: 'webpack.js' },
    };
    const script = `
      require(${JSON.stringify(tool('webpack'))})(${JSON.stringify(options)}, (error, stats) => {
        if (error || stats.hasErrors() || stats.hasWarnings()) throw error ?? new Error(stats.toString());
      });`;
    execFileSync(process.execPath, ['-e', script]);
    expect(existsSync(file)).toBe(true);
  },
} as const;

test.for(['esbuild', 'rollup', 'webpack'] as const)(
  'syslets/abi runs in a browser, bundled by %s',
  async (name, context) => {
    const why = name === 'webpack' ? whyNoTools() : undefined;
    context.skip(why !== undefined, why);
    await BUNDLERS[name](at(`${name}.js`));
    project.write(`${name}.html`, `<!doctype html><script src="${name}.js"></script>`);
    const { page, errors } = await open(context, at(`${name}.html`));
    expect(errors).toEqual([]);
    expect(await page.title()).toBe('-5 1099511627776');
    await page.close();
  },
);

test('the whole package is bundled for Node: with the addon beside it, or a message that says so', async () => {
  project.write(
    'main.mjs',
    `import { Kernel, sys } from 'syslets';
console.log((await sys.call('getpid')) === process.pid);
sys.detach();
Kernel.attach().detach();
`,
  );
  const outfile = at('out/below/main.mjs');
  await build({
    entryPoints: [at('main.mjs')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  const run = () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  const lacking = run();
  expect(lacking.status).toBe(1);
  expect(lacking.stderr).toContain('it is not beside this bundle');
  expect(lacking.stderr).toContain(
    `Copy ${join('syslets', ADDON)} to ${at('out/below/syslets.node')}, or`,
  );
  cpSync(join(project.package, ADDON), at('out/below/syslets.node'));
  expect(run()).toEqual({ status: 0, stdout: 'true\n', stderr: '' });
});
