import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Argument, constants, Kernel, NR, type SysletCall } from '../kernel/index.ts';
import { native } from '../native.ts';
import { random, shuffle } from '../random.ts';
import { type Bench, type CaseResult, difference, withKernel } from './bench.ts';
import { interleave, timed } from './interleave.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';
import { median } from './stats.ts';

const BYTES = 100;
const { AT_FDCWD } = constants;
const STAT_BYTES = 144;
const BATCH = 1000;
const ROUNDS = 400;
const PACED = amount(600, 20);
const SEED = 1;
const BARE_TS = 'bare Node-API function that makes the same call';

interface Subject {
  readonly name: string;
  readonly nr: number;
  readonly args: (file: string, fd: number) => readonly Argument[];
}

const subjects: readonly Subject[] = [
  { name: 'getpid', nr: NR.getpid, args: () => [] },
  {
    name: 'pread',
    nr: NR.pread64,
    args: (_file, fd) => [fd, new Uint8Array(new SharedArrayBuffer(BYTES)), BYTES, 0],
  },
  {
    name: 'newfstatat',
    nr: NR.newfstatat,
    args: (file) => [
      AT_FDCWD,
      Buffer.from(`${file}\0`),
      new Uint8Array(new SharedArrayBuffer(STAT_BYTES)),
      0,
    ],
  },
];

/** Attaches, makes the subject's call, and measures with it; the blocks serve the baseline too. */
function withCall<T>(subject: Subject, measure: (call: SysletCall, kernel: Kernel) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'syslets-bench-'));
  const file = join(folder, 'hundred');
  writeFileSync(file, new Uint8Array(BYTES));
  try {
    return withKernel(Kernel.attach(), (kernel) => {
      native().bareSetup(kernel.blocks);
      const call = kernel.newCall(subject.nr).setArgs(...subject.args(file, openSync(file, 'r')));
      call.runOrThrow();
      return measure(call, kernel);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function tsCase(subject: Subject): CaseResult {
  const { bareCall } = native();
  const samples = withCall(subject, (call) => {
    const { slot } = call;
    const run = (count: number) => {
      for (let i = 0; i < count; i++) call.run();
    };
    const bare = (count: number) => {
      for (let i = 0; i < count; i++) bareCall(slot);
    };
    const rounds = { rounds: ROUNDS, warmUp: 20 };
    return interleave(
      () => timed(BATCH, run),
      () => timed(BATCH, bare),
      rounds,
    );
  });
  return compared({ case: `ts ${subject.name}`, unit: 'ns', baseline: BARE_TS }, samples);
}

function cCase(subject: Subject): CaseResult {
  const samples = withCall(subject, ({ slot }, { blocks }) =>
    interleave(
      () => native().callLoop(blocks, slot, BATCH) / BATCH,
      () => native().bareLoop(blocks, slot, BATCH) / BATCH,
      { rounds: ROUNDS, warmUp: 20 },
    ),
  );
  return compared({ case: `c ${subject.name}`, unit: 'ns', baseline: 'syscall() in C' }, samples);
}

/**
 * One call a millisecond, of four kinds in an order that changes: each leaves in the caches what the
 * next one uses, so that in one order the kind after the empty one would always be the coldest.
 * `addon paced` leaves out SysletCall, and shows what is the kernel side's.
 */
function pacedCases(): readonly CaseResult[] {
  const { bareCall, call: addonCall } = native();
  const before = native().counters();
  const times = pacedTimes((call) => ({
    'ts paced': () => call.run(),
    'addon paced': () => addonCall(call.slot),
    bare: () => bareCall(call.slot),
    empty: () => 0,
  }));
  const watcherUnparks = difference(before, native().counters(), 'watcherUnparks');
  const timer = median(times.empty);
  const less = (list: readonly number[]) => list.map((ns) => ns - timer);
  return (['ts paced', 'addon paced'] as const).map((name) =>
    compared(
      { case: name, unit: 'ns', baseline: `${BARE_TS}, paced alike` },
      { measured: less(times[name]), baseline: less(times.bare) },
      { timerNs: Math.round(timer), watcherUnparks },
    ),
  );
}

/** Nanoseconds of each call, by the kind's name. */
function pacedTimes<Kind extends string>(
  kindsOf: (call: SysletCall) => Readonly<Record<Kind, () => number>>,
): Readonly<Record<Kind, number[]>> {
  const draw = random(SEED);
  return withCall(subjects[0] as Subject, (call) => {
    const kinds = kindsOf(call);
    const names = Object.keys(kinds) as Kind[];
    const times = Object.fromEntries(names.map((name) => [name, [] as number[]]));
    for (let i = 0; i < PACED; i++) {
      for (const name of shuffle(names, draw)) times[name]?.push(pacedTime(kinds[name]));
    }
    return times as Record<Kind, number[]>;
  });
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

function pacedTime(run: () => number): number {
  Atomics.wait(sleeper, 0, 0, 1);
  const start = performance.now();
  run();
  return (performance.now() - start) * 1e6;
}

export const syncPath: Bench = {
  name: 'sync-path',
  description: 'a call that does not block, beside the same call made bare',
  cases: [
    ...subjects.map((subject) => () => tsCase(subject)),
    pacedCases,
    ...subjects.map((subject) => () => cCase(subject)),
  ],
};
