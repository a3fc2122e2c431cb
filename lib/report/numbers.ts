/** 1,234,567, of a whole number or its digits. By hand: Intl loads its tables for 15 ms, in each thread. */
export function grouped(count: number | string): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A part of a whole as a percentage; what was seen at all is never shown as 0. */
export function percent(part: number): string {
  if (part === 0) return '0 %';
  if (part < 0.000_001) return '<0.0001 %';
  if (part < 0.01) return `${(part * 100).toPrecision(2)} %`;
  return part > 0.9999 && part < 1 ? '>99.99 %' : `${(part * 100).toFixed(2)} %`;
}

/** 950, 12.3 k, 4.56 M */
export function short(count: number): string {
  if (count < 1000) return String(Math.round(count));
  const [unit, size] = count < 1e6 ? ['k', 1e3] : count < 1e9 ? ['M', 1e6] : ['G', 1e9];
  return `${(count / size).toPrecision(3)} ${unit}`;
}

/** 850 ms, 12.3 s, 4:05 min, 2:03 h */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = ms < 3_600_000;
  const [big, small] = minutes ? [60_000, 1000] : [3_600_000, 60_000];
  const rest = Math.floor((ms % big) / small);
  return `${Math.floor(ms / big)}:${String(rest).padStart(2, '0')} ${minutes ? 'min' : 'h'}`;
}

/** 192s: as `--time` takes it, and not shorter. */
export function timeOption(ms: number): string {
  return `${Math.ceil(ms / 1000)}s`;
}

/** "20,000 samples", of a structure "20,000 samples of 50 programs" */
export function samplesText(samples: number, programs: number): string {
  const all = `${grouped(samples)} samples`;
  return programs === 0 ? all : `${all} of ${counted(programs, 'program')}`;
}

/** "1 trial", "2 trials" */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}
