import { mixSeed, type Random, random, shuffle } from '../../random.ts';

/** Calls of a thread, from and to. */
export interface Part {
  readonly thread: number;
  readonly from: number;
  readonly to: number;
}

/** Parts of threads that run at the same time, on all histories of a stride. */
export interface Phase {
  readonly parts: readonly Part[];
  /** Calls of phases before this one, and with it. */
  readonly before: number;
  readonly after: number;
}

/** How the histories of one stride are made; the same in all threads. */
export interface Schedule {
  readonly phases: readonly Phase[];
  /** Threads of a phase meet every so many histories; 0: at its begin only. */
  readonly sync: number;
  /** Where they have met, each waits for a random number of looks up to this one, a mask. */
  readonly skew: number;
  /** Whether each call is stamped, or only the phase tells when it was. */
  readonly isStamped: boolean;
}

export interface ScheduleOptions {
  readonly seed: number;
  readonly round: number;
  /** Calls of each thread. */
  readonly calls: readonly number[];
  /** Processor of each thread; undefined where it may be any. */
  readonly cpus: readonly (number | undefined)[];
  /** Threads that can run at the same time. */
  readonly together: number;
  /** Calls that wait for each other cannot be cut into phases. */
  readonly isWhole: boolean;
  /** Fixed by the user; 0: chosen. */
  readonly sync: number;
}

const SYNCS = [1, 1, 1, 0, 4];
/**
 * Who arrives last goes on first, ahead of the others by the time in which a line comes from one
 * processor to the other: short calls overlap only where the others are ahead as often.
 */
const SKEWS = [31, 127, 511];

/**
 * Three threads on two processors hardly ever run at the same time by themselves. So a stride is cut
 * into phases: in each, as many threads as there are processors do some of their calls on all
 * histories. What overlaps in a phase overlaps by machine instructions, and any call of a third
 * thread can come before, between or behind.
 */
export function scheduleOf(options: ScheduleOptions): Schedule {
  const { seed, round, calls, together, isWhole, sync } = options;
  const next = random(mixSeed(seed, 'schedule', round));
  const isStamped = next() % 2 === 0;
  const fits = calls.length <= together;
  const asOne = isWhole || (fits && next() % 2 === 0);
  const parts = asOne ? [whole(calls)] : phased(options, next);
  const meets = asOne && !fits ? 0 : sync > 0 ? sync : (SYNCS[next() % SYNCS.length] as number);
  const skew = SKEWS[next() % SKEWS.length] as number;
  return { phases: counted(parts), sync: meets, skew, isStamped };
}

function whole(calls: readonly number[]): Part[] {
  return calls.map((to, thread) => ({ thread, from: 0, to }));
}

function phased({ calls, cpus, together }: ScheduleOptions, next: Random): Part[][] {
  const at = calls.map(() => 0);
  const phases: Part[][] = [];
  for (;;) {
    const left = [...at.keys()].filter(
      (thread) => (at[thread] as number) < (calls[thread] as number),
    );
    if (left.length === 0) return phases;
    const most = next() % 4 === 0 ? 1 : together;
    const chosen = apart(shuffle(left, next), cpus).slice(0, most);
    phases.push(
      chosen.map((thread) => {
        const from = at[thread] as number;
        const to = from + 1 + (next() % ((calls[thread] as number) - from));
        at[thread] = to;
        return { thread, from, to };
      }),
    );
  }
}

/** At most one thread of each processor. */
function apart(threads: readonly number[], cpus: ScheduleOptions['cpus']): readonly number[] {
  const taken = new Set<number>();
  return threads.filter((thread) => {
    const cpu = cpus[thread];
    if (cpu === undefined) return true;
    const isFree = !taken.has(cpu);
    taken.add(cpu);
    return isFree;
  });
}

function counted(phases: readonly (readonly Part[])[]): Phase[] {
  let before = 0;
  return phases.map((parts) => {
    const after = parts.reduce((sum, { from, to }) => sum + to - from, before);
    const phase = { parts, before, after };
    before = after;
    return phase;
  });
}
