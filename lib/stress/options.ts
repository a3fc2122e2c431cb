import { own } from '../check.ts';
import type { Shard } from '../report/result.ts';
import { StressError } from './error.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};
const MAX_SEED = 2 ** 32 - 1;

/** `90s`, `500ms`, `2min`, `1h`; a number alone is in seconds. */
export function parseTime(option: string, text: string): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)([a-z]+)?$/.exec(text) ?? [];
  const ms = Number(number) * (own(UNITS, unit) ?? Number.NaN);
  if (number !== '' && ms > 0) return ms;
  throw new StressError(`${option} is '${text}', expected a time such as 30s, 500ms, 2min or 1h`);
}

export function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= MAX_SEED) return seed;
  throw new StressError(`--seed is '${text}', expected an integer from 0 to ${MAX_SEED}`);
}

/** `2/5`: the second of five parts. */
export function parseShard(text: string): Shard {
  const [, first = '', second = ''] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const [index, count] = [Number(first), Number(second)];
  if (second === '' || count < 1) {
    throw new StressError(
      `--shard is '${text}', expected a part and how many there are, such as 1/4`,
    );
  }
  if (index >= 1 && index <= count) return { index, count };
  throw new StressError(`--shard is '${text}': part ${index} of ${count}, expected 1 to ${count}`);
}

/** Part of a name; between slashes a regular expression. */
export function parseFilter(text: string): RegExp {
  const [, pattern, flags] = /^\/(.*)\/([imsu]*)$/.exec(text) ?? [];
  try {
    if (pattern !== undefined) return new RegExp(pattern, flags);
  } catch (error) {
    throw new StressError(`--filter is '${text}': ${(error as Error).message}`);
  }
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}
