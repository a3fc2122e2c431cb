import { syslet_ring, view } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';
import { CompletionBatch, CompletionRing, type OnCompletion } from '../ring/index.ts';
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

/** By hand: the two numbers, exact, for the same callback. */
function handWritten(words: Int32Array, onCompletion: OnCompletion): void {
  const head = Atomics.load(words, 0);
  let tail = words[1] as number;
  for (; tail !== head; tail = (tail + 1) | 0) {
    const at = 4 + (tail & 2047) * 4;
    const low = words[at] as number;
    const high = words[at + 1] as number;
    const dataLow = words[at + 2] as number;
    const dataHigh = words[at + 3] as number;
    onCompletion(
      high === low >> 31 ? low : high * 0x1_0000_0000 + (low >>> 0),
      dataHigh === 0 ? dataLow >>> 0 : (dataHigh >>> 0) * 0x1_0000_0000 + (dataLow >>> 0),
    );
  }
  Atomics.store(words, 1, tail);
}

/** By hand: both halves of both values, into an array. */
function handWrittenCopy(words: Int32Array, to: Int32Array): number {
  const head = Atomics.load(words, 0);
  let tail = words[1] as number;
  let i = 0;
  for (; tail !== head; tail = (tail + 1) | 0) {
    const at = 4 + (tail & 2047) * 4;
    to[i] = words[at] as number;
    to[i + 1] = words[at + 1] as number;
    to[i + 2] = words[at + 2] as number;
    to[i + 3] = words[at + 3] as number;
    i += 4;
  }
  Atomics.store(words, 1, tail);
  return i;
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
  const byHand = () => {
    let sum = 0;
    handWritten(words, (status, callerData) => {
      sum += status + callerData;
    });
    return sum;
  };
  const samples = interleave(
    () => perCompletion(reap, refill),
    () => perCompletion(byHand, refill),
    ROUNDS,
  );
  const baseline = 'hand-written typed-array loop with the same callback';
  return compared({ case: 'callback', unit: 'ns', baseline }, samples);
}

function batchCase(): CaseResult {
  const { ring, words, refill } = filledRing();
  const batch = new CompletionBatch(UNREAD);
  const samples = interleave(
    () => perCompletion(() => ring.reapInto(batch), refill),
    () => perCompletion(() => handWrittenCopy(words, batch.words), refill),
    ROUNDS,
  );
  return compared(
    { case: 'batch', unit: 'ns', baseline: 'hand-written typed-array loop into an array' },
    samples,
  );
}

export const reap: Bench = {
  name: 'reap',
  description: 'CompletionRing beside a hand-written typed-array loop',
  cases: [callbackCase, batchCase],
};
