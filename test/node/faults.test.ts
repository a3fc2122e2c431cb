import { expect, test } from 'vitest';
import { bothWays, run } from './trial.ts';

test('WebAssembly traps on an access out of bounds', async () => {
  expect(await bothWays('faults', 'wasmTraps')).toEqual(['trapped', 'trapped']);
});

test('WebAssembly bounds that are checked in code trap too', async () => {
  const flags = ['--disable-wasm-trap-handler'];
  const both = process.allowedNodeEnvironmentFlags.has(flags[0] ?? '')
    ? await bothWays('faults', 'wasmTraps', { flags })
    : await bothWays('faults', 'wasmTraps', { flags: ['--no-wasm-trap-handler'] });
  expect(both).toEqual(['trapped', 'trapped']);
});

test('a stack overflow is a RangeError', async () => {
  expect(await bothWays('faults', 'stackOverflow')).toEqual(['RangeError', 'RangeError']);
});

test("with process.on('SIGSEGV') a bad ring is -EFAULT and WebAssembly traps", async () => {
  expect(await bothWays('faults', 'sigsegvListener')).toEqual([{ heard: 1 }, { heard: 1 }]);
});

test('a crash is still a crash', async () => {
  for (const mode of ['plain', 'carried'] as const) {
    expect(await run('faults', 'realCrash', { mode })).toMatchObject({
      signal: 'SIGABRT',
      hung: undefined,
    });
  }
});
