import { type Kernel, NR, type SysletCall } from '../kernel/index.ts';
import { native } from '../native.ts';

export interface SyncFacts {
  readonly call: string;
  readonly result: number;
  readonly expected: number;
  readonly pending: boolean;
  /** Medians of alternating batches. */
  readonly nsEach: number;
  readonly bareNsEach: number;
}

const BATCH = 2000;
const ROUNDS = 31;

/** A call that does not block: the result comes back directly. */
export function syncCall(kernel: Kernel): SyncFacts {
  const call = kernel.newCall(NR.getpid);
  const result = call.runOrThrow();
  const { pending } = call;
  const [nsEach, bareNsEach] = cost(kernel, call);
  call.release();
  return { call: 'getpid', result, expected: process.pid, pending, nsEach, bareNsEach };
}

function cost(kernel: Kernel, call: SysletCall): [number, number] {
  const { bareCall, bareSetup } = native();
  const { slot } = call;
  bareSetup(kernel.blocks);
  const own: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    own.push(nsOf(() => call.run()));
    bare.push(nsOf(() => bareCall(slot)));
  }
  return [middle(own), middle(bare)];
}

function nsOf(run: () => number): number {
  const start = performance.now();
  for (let i = 0; i < BATCH; i++) run();
  return ((performance.now() - start) * 1e6) / BATCH;
}

function middle(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return Math.round(sorted[sorted.length >> 1] ?? 0);
}
