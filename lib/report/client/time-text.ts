const UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
  ['ns', 1],
] as const;

/** A length of time with three digits that count. */
export function lengthText(ns: number): string {
  const [unit, size] = UNITS.find(([, one]) => ns >= one) ?? (['ns', 1] as const);
  return unit === 'ns' ? `${Math.round(ns)} ns` : `${(ns / size).toPrecision(3)} ${unit}`;
}

/** A moment, as exact as `step` tells moments apart. */
export function momentText(ns: number, step: number): string {
  const [unit, size] = UNITS.find(([, one]) => Math.max(Math.abs(ns), step) >= one) ?? UNITS[3];
  const digits = Math.max(0, Math.ceil(Math.log10(size / step) - 1e-9));
  return `${(ns / size).toFixed(Math.min(9, digits))} ${unit}`;
}

/** 1, 2 or 5 times a power of ten: at least `least`. */
export function tickStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return ([1, 2, 5, 10].find((one) => one * power >= least) ?? 10) * power;
}
