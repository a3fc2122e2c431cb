/** The value below which `share` (0 to 1) of the samples lie. */
export function quantile(samples: readonly number[] | Float64Array, share: number): number {
  if (samples.length === 0) throw new RangeError('no samples: nothing was measured');
  const sorted = Float64Array.from(samples).sort();
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return sorted[index] as number;
}

export function median(samples: readonly number[] | Float64Array): number {
  return quantile(samples, 0.5);
}

/** Three digits that count, as a number. */
export function rounded(value: number): number {
  return value === 0 || !Number.isFinite(value) ? value : Number(value.toPrecision(4));
}
