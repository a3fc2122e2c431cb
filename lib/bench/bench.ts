import type { Kernel } from '../kernel/index.ts';
import { native } from '../native.ts';
import type { Detail, Result } from './result.ts';

/** What a case measured; the runner adds the bench's name and how often was handed over. */
export type CaseResult = Omit<Result, 'bench'>;

export type Cases = CaseResult | readonly CaseResult[];

type Measure = () => Cases | Promise<Cases>;

/** A case that may be asked for alone, where a whole bench takes minutes. */
export interface NamedCase {
  readonly name: string;
  readonly measure: Measure;
}

export interface Bench {
  readonly name: string;
  readonly description: string;
  readonly cases: readonly (Measure | NamedCase)[];
}

/** The cases whose names have `only` in them; all where nothing is asked for. */
export function casesOf({ cases }: Bench, only: string | undefined): Bench['cases'] {
  if (only === undefined) return cases;
  return cases.filter((one) => typeof one !== 'function' && one.name.includes(only));
}

/** Runs a case and adds what it did to the counters. */
export async function runCase(
  bench: string,
  one: Bench['cases'][number],
): Promise<readonly Result[]> {
  const before = native().counters();
  const measure = typeof one === 'function' ? one : one.measure;
  const results = [await measure()].flat();
  const after = native().counters();
  const seen = {
    handOffs: difference(before, after, 'handOffs'),
    dispatches: difference(before, after, 'dispatches'),
  };
  return results.map((result) => ({ bench, ...result, detail: { ...seen, ...result.detail } }));
}

/** A case that needs what is not here says so, and is no failure. */
export function notMeasured(name: string, why: string): readonly CaseResult[] {
  process.stderr.write(`${name}: not measured, ${why}\n`);
  return [];
}

/** By how much a counter has grown. */
export function difference(
  before: Readonly<Record<string, bigint>>,
  after: Readonly<Record<string, bigint>>,
  name: string,
): number {
  return Number((after[name] ?? 0n) - (before[name] ?? 0n));
}

/** Runs `use` and says how much the named counters grew for each hand-off. */
export function perHandOff<T>(use: () => T, names: readonly string[]): [T, Detail] {
  const before = native().counters();
  const result = use();
  const after = native().counters();
  const handOffs = difference(before, after, 'handOffs');
  const rates = names.map((name) => [
    `${name}PerHandOff`,
    handOffs === 0 ? 0 : difference(before, after, name) / handOffs,
  ]);
  return [result, { handOffs, ...Object.fromEntries(rates) }];
}

/** Detaches when `use` is over, also when it throws. */
export function withKernel<T>(kernel: Kernel, use: (kernel: Kernel) => T): T {
  try {
    return use(kernel);
  } finally {
    if (kernel.attached) kernel.detach();
  }
}
