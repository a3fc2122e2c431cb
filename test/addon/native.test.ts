import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { NativeUnavailableError } from '../../lib/errors.ts';
import { load, native, whyNoNative } from '../../lib/native.ts';

const ADDON = new URL('../../build/Release/syslets.node', import.meta.url).pathname;

test('the addon is loaded', () => {
  expect(whyNoNative()).toBeUndefined();
});

test('these tests run under the Node version that was asked for', ({ skip }) => {
  const expected = process.env.SYSLETS_EXPECT_NODE;
  if (expected === undefined) skip('SYSLETS_EXPECT_NODE is set by npm run test:nodes only');
  expect(process.versions.node.split('.')[0]).toBe(expected);
});

test('gettid of the main thread is the process id', () => {
  expect(native().gettid()).toBe(process.pid);
});

test('gettid of a worker is another thread', async () => {
  const addon = JSON.stringify(ADDON);
  const code = `require('node:worker_threads').parentPort.postMessage(require(${addon}).gettid())`;
  const worker = new Worker(code, { eval: true });
  const tid = await new Promise((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
  expect(tid).toBeTypeOf('number');
  expect(tid).not.toBe(process.pid);
});

test.each([
  ['is deleted', 'delete globalThis.process'],
  ['throws', "Object.defineProperty(globalThis, 'process', { get() { throw new Error('no'); } })"],
])('a worker whose process %s loads the addon: Buffers are taken on all threads', (_, hide) => {
  const source = `
    import { Worker } from 'node:worker_threads';
    import { sys } from '${new URL('../../dist/index.js', import.meta.url).pathname}';
    const pipe = new Int32Array(new SharedArrayBuffer(8));
    sys.call.sync('pipe2', pipe, 0);
    const code = ${JSON.stringify(
      `const { createRequire } = require('node:module'); ${hide};
       createRequire('/')(${JSON.stringify(ADDON)})`,
    )};
    await new Promise((resolve, reject) => {
      new Worker(code, { eval: true, execArgv: [] }).on('error', reject).on('exit', resolve);
    });
    const taken = Buffer.from(new ArrayBuffer(4));
    console.log(sys.write.sync(pipe[1], Buffer.from('abcd')), sys.read.sync(pipe[0], taken), String(taken));
  `;
  const args = ['--input-type=module', '-e', source];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['4 4 abcd\n', '']);
});

test('addressOf follows the offset of a view, over a SharedArrayBuffer and an ArrayBuffer', () => {
  const { addressOf } = native();
  for (const buffer of [new SharedArrayBuffer(64), new ArrayBuffer(64)]) {
    const base = addressOf(new Uint8Array(buffer));
    expect(base).toBeTypeOf('bigint');
    expect(addressOf(new Uint32Array(buffer, 16))).toBe(base + 16n);
    expect(addressOf(new DataView(buffer, 24))).toBe(base + 24n);
  }
});

test('no descriptor when it is to be loaded: the message says so, and the next use loads it', () => {
  const source = `
    import { closeSync, openSync } from 'node:fs';
    import { sys } from '${new URL('../../dist/index.js', import.meta.url).pathname}';
    const taken = [];
    try {
      for (;;) taken.push(openSync('/dev/null'));
    } catch {}
    const call = () => {
      try {
        return sys.call.sync('getpid') === process.pid;
      } catch (error) {
        return error.code + ' ' + /E[A-Z]+FILE/.exec(error.message);
      }
    };
    const without = call();
    for (const fd of taken) closeSync(fd);
    console.log(without, call());`;
  const limited = ['-c', 'ulimit -n 60; exec "$@"', 'sh', process.execPath];
  const args = [...limited, '--input-type=module', '-e', source];
  const { stdout, stderr } = spawnSync('sh', args, { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: 'ERR_SYSLETS_NO_ADDON EMFILE true\n', stderr: '' });
});

test('without the addon, the reason that the installer left is given', () => {
  const dir = mkdtempSync(join(tmpdir(), 'syslets-native-'));
  const [missing, whyNot] = [join(dir, 'syslets.node'), join(dir, 'why-not.txt')];
  expect(load(missing, whyNot)).toMatchObject({
    reason: 'it was never compiled (installed with --ignore-scripts?)',
  });
  writeFileSync(whyNot, 'not found: make\n');
  expect(load(missing, whyNot)).toBeInstanceOf(NativeUnavailableError);
  expect(load(missing, whyNot)).toMatchObject({ reason: 'not found: make' });
  rmSync(dir, { recursive: true });
});
