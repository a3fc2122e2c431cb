import { median, quantile, rounded } from './stats.ts';

/** One line of `--json`. `value` and `baselineValue` are medians, in `unit`. */
export interface Result {
  readonly bench: string;
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  /** What `baselineValue` measures; null for a bench of counts alone. */
  readonly baseline: string | null;
  readonly baselineValue: number | null;
  readonly ratio: number | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export type Detail = Readonly<Record<string, unknown>>;

/** Samples of what is measured and of its baseline, from the same run. */
export interface Samples {
  readonly measured: readonly number[] | Float64Array;
  readonly baseline: readonly number[] | Float64Array;
}

export interface Naming {
  readonly case: string;
  readonly unit: string;
  readonly baseline: string;
}

/** The result of two series: medians and their ratio; 99th percentiles in the detail. */
export function compared(naming: Naming, samples: Samples, detail: Detail = {}) {
  const value = median(samples.measured);
  const baselineValue = median(samples.baseline);
  return {
    case: naming.case,
    value: rounded(value),
    unit: naming.unit,
    baseline: naming.baseline,
    baselineValue: rounded(baselineValue),
    ratio: rounded(value / baselineValue),
    detail: {
      p99: rounded(quantile(samples.measured, 0.99)),
      baselineP99: rounded(quantile(samples.baseline, 0.99)),
      samples: samples.measured.length,
      ...detail,
    },
  };
}

/** A line for people. */
export function resultLine(result: Result): string {
  const { value, unit, baseline, baselineValue, ratio } = result;
  const name = `${result.bench} ${result.case}`.padEnd(28);
  const against =
    baseline === null ? '' : `  against ${baselineValue} ${unit} (${baseline}): ${ratio ?? '-'}`;
  const detail = Object.entries(result.detail).map(([key, one]) => `${key} ${String(one)}`);
  return `${name} ${value} ${unit}${against}\n${''.padEnd(28)} ${detail.join(', ')}\n`;
}
