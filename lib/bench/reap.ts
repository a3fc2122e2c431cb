import { syslet_ring, view } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';
import { CompletionBatch, CompletionRing } from '../ring/index.ts';
import type { Bench, CaseResult } from './bench.ts';
import { interleave, timed } from './interleave.ts';
import { compared } from './result.ts';

const ELEMENTS = 2048;
const UNREAD = 1024;
const REAPS = 50;
const ROUNDS = { rounds: 300, warmUp: 30 };

/** A ring with completions, and a way to make them unread again. */
function filledRing() {
  const ring = CompletionRing.create(ELEMENTS);
  const shared = view(syslet_ring, hostTarget, ring.buffer, 0, { byteLength: ring.byteLength });
  for (let i = 0; i < ELEMENTS; i++) {
    const slot = shared.comp[i];
    if (slot) Object.assign(slot, { status: BigInt(i % 100), caller_data: BigInt(i) });
  }
  const words = new Int32Array(ring.buffer);
  shared.kernel_head = UNREAD;
  const refill = () => Atomics.store(words, 1, 0);
  return { ring, words, refill };
}

/** What anyone would write by hand: 32-bit values, mask, one store of the tail. */
function handWritten(words: Int32Array): number {
  const head = Atomics.load(words, 0);
  let tail = words[1] as number;
  let sum = 0;
  for (; tail !== head; tail = (tail + 1) | 0) {
    const at = 4 + (tail & (ELEMENTS - 1)) * 4;
    sum += (words[at] as number) + (words[at + 2] as number);
  }
  Atomics.store(words, 1, tail);
  return sum;
}

/** By hand as well, into arrays with both halves of both values. */
function handWrittenCopy(words: Int32Array, to: readonly Int32Array[]): number {
  const [status, statusHigh, data, dataHigh] = to as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const head = Atomics.load(words, 0);
  let tail = words[1] as number;
  let count = 0;
  for (; tail !== head; tail = (tail + 1) | 0, count++) {
    const at = 4 + (tail & (ELEMENTS - 1)) * 4;
    status[count] = words[at] as number;
    statusHigh[count] = words[at + 1] as number;
    data[count] = words[at + 2] as number;
    dataHigh[count] = words[at + 3] as number;
  }
  Atomics.store(words, 1, tail);
  return count;
}

const check = { sum: 0 };

function perCompletion(reap: () => number, refill: () => void): number {
  const ns = timed(REAPS, (count) => {
    for (let i = 0; i < count; i++) {
      refill();
      check.sum += reap();
    }
  });
  return ns / UNREAD;
}

function callbackCase(): CaseResult {
  const { ring, words, refill } = filledRing();
  const reap = () => {
    let sum = 0;
    ring.reap((status, callerData) => {
      sum += status + callerData;
    });
    return sum;
  };
  const samples = interleave(
    () => perCompletion(reap, refill),
    () => perCompletion(() => handWritten(words), refill),
    ROUNDS,
  );
  return compared(
    { case: 'callback', unit: 'ns', baseline: 'hand-written typed-array loop' },
    samples,
  );
}

function batchCase(): CaseResult {
  const { ring, words, refill } = filledRing();
  const batch = new CompletionBatch(UNREAD);
  const arrays = Array.from({ length: 4 }, () => new Int32Array(UNREAD));
  const samples = interleave(
    () => perCompletion(() => ring.reapInto(batch), refill),
    () => perCompletion(() => handWrittenCopy(words, arrays), refill),
    ROUNDS,
  );
  return compared(
    { case: 'batch', unit: 'ns', baseline: 'hand-written typed-array loop into arrays' },
    samples,
  );
}

export const reap: Bench = {
  name: 'reap',
  description: 'CompletionRing beside a hand-written typed-array loop',
  cases: [callbackCase, batchCase],
};
