import { afterEach, expect, test } from 'vitest';
import { Kernel, NR } from '../../lib/kernel/index.ts';

const FUTEX_WAIT_PRIVATE = 128;
const ROUNDS = 40_000;
const CALLER_DATA = 7;

let kernel: Kernel | undefined;

afterEach(() => {
  kernel?.[Symbol.dispose]();
});

// With two idle processors, signals that came faster than a thread takes them kept it in its handler.
test('an interrupt that is repeated as fast as can be ends its call', () => {
  const own = Kernel.attach();
  kernel = own;
  const word = new Int32Array(new SharedArrayBuffer(4));
  const wait = own.newCall(NR.futex).setArgs(word, FUTEX_WAIT_PRIVATE, 0);
  const statuses = new Set<number>();
  for (let i = 0; i < ROUNDS; i++) {
    wait.setCallerData(CALLER_DATA).run();
    if (!wait.pending) continue;
    while (own.interrupt(CALLER_DATA));
    while (own.ring.reap((status) => statuses.add(status)) === 0);
  }
  expect([...statuses]).toEqual([-4]);
});
