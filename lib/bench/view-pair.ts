import { array, bits, double, i32, struct, u8, u16, u32, u64 } from '../abi/index.ts';
import type { CaseResult } from './bench.ts';
import { interleave, timed } from './interleave.ts';
import { compared } from './result.ts';

/** What the cases of the bench `view` have in common. */

export const inner = struct('inner', { first: u32, second: u32 });
export const packet = struct('packet', {
  kind: u8,
  port: u16,
  count: u32,
  delta: i32,
  low: bits(u32, 5),
  middle: bits(u32, 11),
  high: bits(u32, 16),
  ratio: double,
  stamp: u64,
  nested: inner,
  list: array(u32, 64),
});
export const table = struct('table', { rows: array(inner, 256) });

/**
 * What is written: numbers that the compiler knows nothing of; and where results go, so that no
 * loop can be left out. To be made local: an import would be loaded each time round.
 */
export const locals = {
  numbers: Array.from({ length: 64 }, (_, i) => i * 4),
  bigNumbers: Array.from({ length: 64 }, (_, i) => BigInt(i) << 40n),
  sink: { sum: 0, big: 0n },
};

export type Loop = (count: number) => void;
export type ViewCase = () => CaseResult;

const REPEATS = 20_000;
const ROUNDS = { rounds: 60, warmUp: 60 };

export function pair(name: string, baseline: string, ours: Loop, byHand: Loop): ViewCase {
  return () => {
    const samples = interleave(
      () => timed(REPEATS, ours),
      () => timed(REPEATS, byHand),
      ROUNDS,
    );
    return compared({ case: name, unit: 'ns', baseline }, samples);
  };
}
