import type { CaseResult } from './bench.ts';
import type { Walked, Walker } from './find-child.ts';
import { ProgressLine } from './progress-line.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';

export interface FindRounds {
  readonly case: string;
  readonly rounds: number;
  /** Walks of each that are not counted; 0 where nothing may be known beforehand. */
  readonly warmUp: number;
  /** What happens before each walk. */
  readonly before?: () => void;
}

/** Milliseconds of both in turns; both must find the same. */
export async function inTurns(
  ours: Walker,
  other: Walker,
  options: FindRounds,
): Promise<CaseResult> {
  const samples = { measured: [] as number[], baseline: [] as number[] };
  const progress = new ProgressLine();
  let last: Walked | undefined;
  const rounds = amount(options.rounds, 1);
  for (let round = -amount(options.warmUp, 0); round < rounds; round++) {
    progress.show(`find: ${options.case}, round ${round}`);
    const swapped = round % 2 !== 0;
    const one = await walkOnce(swapped ? other : ours, options);
    const two = await walkOnce(swapped ? ours : other, options);
    mustAgree(one, two, options.case);
    last = swapped ? two : one;
    if (round < 0) continue;
    samples.measured.push(last.ms);
    samples.baseline.push((swapped ? one : two).ms);
  }
  progress.clear();
  return compared({ case: options.case, unit: 'ms', baseline: other.name }, samples, {
    entries: last?.entries,
    ...(last?.handOffs !== undefined && {
      handOffs: last.handOffs,
      dispatches: last.dispatches,
    }),
  });
}

async function walkOnce(walker: Walker, { before }: FindRounds): Promise<Walked> {
  before?.();
  return walker.walk();
}

function mustAgree(one: Walked, two: Walked, name: string): void {
  if (one.entries === two.entries && one.bytes === two.bytes) return;
  const found = [one, two].map(({ entries, bytes }) => `${entries} entries, ${bytes} bytes`);
  throw new Error(`find ${name}: one way found ${found.join('; the other ')}`);
}
