import type { Watcher } from '../binding.ts';
import { Kernel } from '../kernel/index.ts';
import { native } from '../native.ts';
import { type ContextTrace, type EventKind, TraceMemory } from '../trace/index.ts';
import { type Bench, type CaseResult, notMeasured, withKernel } from './bench.ts';
import { type BlockedRead, spin, withRead } from './blocked-read.ts';
import { amount } from './short.ts';
import { median, quantile, rounded } from './stats.ts';
import { WAKE, wakeBatch } from './wake.ts';

const HAND_OFFS = amount(2000, 50);
const WARM_UP = amount(200, 5);
const EVENTS = 16_384;
const WAKES = amount(40, 2);
const US = 1000;

/** Microseconds of each hand-off, by the number of its call. */
interface Run {
  readonly totals: ReadonlyMap<number, number>;
  readonly trace: ContextTrace | undefined;
}

/** A step from one event of a call to another, or what is left of the whole. */
export interface Step {
  readonly name: string;
  readonly from?: EventKind;
  readonly to?: EventKind;
}

export const STEPS: readonly Step[] = [
  { name: 'the call sleeps, the watcher sees it', from: 'enter', to: 'blocked' },
  { name: 'may it carry, claim, move', from: 'blocked', to: 'handOff' },
  { name: 'settle', from: 'handOff', to: 'resume' },
  { name: 'JavaScript, both ways' },
];

/** In order; a call that did not block before it could be handed over is left out. */
function handOffs(kernel: Kernel, read: BlockedRead, count: number): number[] {
  const samples: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    const handedOver = read.block();
    const us = (performance.now() - start) * US;
    if (!handedOver) continue;
    samples.push(us);
    read.write();
    spin(kernel);
    kernel.ring.reap(() => undefined);
  }
  return samples;
}

function measured(watcher: Watcher, trace?: TraceMemory): readonly number[] {
  const kernel = Kernel.attach({ watcher, ...(trace === undefined ? {} : { trace }) });
  return withKernel(kernel, () =>
    withRead(kernel, (read) => {
      handOffs(kernel, read, WARM_UP);
      return handOffs(kernel, read, HAND_OFFS);
    }),
  ).result;
}

/** Of each call its events, joined from all tasks. */
function callsOf(trace: ContextTrace): ReadonlyMap<number, Partial<Record<EventKind, number>>> {
  const calls = new Map<number, Partial<Record<EventKind, number>>>();
  for (const { seq, kind, ns } of trace.tasks.flatMap(({ events }) => events)) {
    if (seq === 0) continue;
    const call = calls.get(seq) ?? {};
    call[kind] = ns / US;
    calls.set(seq, call);
  }
  return calls;
}

/** The last `totals.length` calls that were handed over are the measured ones. */
function tracedRun(watcher: Watcher): Run {
  const memory = TraceMemory.create({ events: EVENTS });
  const totals = measured(watcher, memory);
  const trace = memory.read();
  if (trace === undefined) throw new Error('nothing was traced');
  const seqs = [...callsOf(trace)]
    .filter(([, call]) => call.enter !== undefined && call.resume !== undefined)
    .map(([seq]) => seq)
    .sort((a, b) => a - b)
    .slice(-totals.length);
  if (seqs.length < totals.length) throw new Error('the trace has lost calls');
  return { totals: new Map(seqs.map((seq, i) => [seq, totals[i] as number])), trace };
}

function samplesOf({ from, to }: Step, { totals, trace }: Run): number[] {
  const calls = callsOf(trace as ContextTrace);
  const between = (seq: number, first: EventKind, last: EventKind) => {
    const call = calls.get(seq);
    return (call?.[last] ?? Number.NaN) - (call?.[first] ?? Number.NaN);
  };
  return [...totals]
    .map(([seq, us]) =>
      from === undefined || to === undefined
        ? us - between(seq, 'enter', 'resume')
        : between(seq, from, to),
    )
    .filter((us) => !Number.isNaN(us));
}

function row(
  name: string,
  samples: readonly number[],
  baseline: string,
  whole: number,
): CaseResult {
  const us = median(samples);
  return {
    case: name,
    value: rounded(us),
    unit: 'us',
    baseline,
    baselineValue: rounded(whole),
    ratio: rounded(us / whole),
    detail: { p10: rounded(quantile(samples, 0.1)), p90: rounded(quantile(samples, 0.9)) },
  };
}

/** Each step beside the whole of the traced run; the whole beside the run without a trace. */
function stepsOf(watcher: Watcher): readonly CaseResult[] {
  const { perf } = native().doctor();
  if (perf !== 'ok') return notMeasured(`steps ${watcher}`, `it needs perf events: ${perf}`);
  const untraced = median(measured(watcher));
  const run = tracedRun(watcher);
  const totals = [...run.totals.values()];
  const whole = median(totals);
  return [
    row(`${watcher}: whole`, totals, 'the same without a trace', untraced),
    ...STEPS.map((step) => row(`${watcher}: ${step.name}`, samplesOf(step, run), 'whole', whole)),
  ];
}

/** What the bench hand-off compares with, beside the hand-off without a trace. */
function wakeCase(): CaseResult | readonly CaseResult[] {
  const { perf } = native().doctor();
  if (perf !== 'ok') return notMeasured('steps wake', `it needs perf events: ${perf}`);
  const wakes = Array.from({ length: WAKES }, wakeBatch).flat();
  return row(WAKE, wakes, 'hand-off, spin, without a trace', median(measured('spin')));
}

export const steps: Bench = {
  name: 'steps',
  description: 'where the time of a hand-off goes, step by step, by a trace',
  cases: [() => stepsOf('spin'), () => stepsOf('perf'), wakeCase],
};
