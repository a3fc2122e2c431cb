import { own } from '../check.ts';
import type { TrialConfig } from '../report/result.ts';
import { StressError } from './error.ts';

export const PLACEMENTS = ['spread', 'one', 'free'] as const;
export const ORDERS = ['sequential', 'shuffled'] as const;

const CHOICES = {
  placement: PLACEMENTS,
  order: ORDERS,
  jit: ['warm', 'cold'],
  padding: ['packed', 'lines'],
} as const;

export const MAX_STRIDE = 2 ** 16;
const ORDER = ['placement', 'stride', 'sync', 'order', 'jit', 'padding'] as const;
/** Parts that a structure takes: its histories are walked in one order, each on memory of its own. */
const OF_STRUCTURE = ['placement', 'stride', 'sync', 'jit'] as const;
/** Of a structure; a SharedArrayBuffer each: more cost more to make than they save at barriers. */
export const MAX_HISTORIES = 512;

/** `placement=spread,stride=1024,…`, as `--config` takes it. */
export function configText(config: TrialConfig): string {
  return ORDER.map((key) => `${key}=${config[key]}`).join(',');
}

/** The same without what has no meaning for a structure. */
export function structureConfigText(config: TrialConfig): string {
  return OF_STRUCTURE.map((key) => `${key}=${config[key]}`).join(',');
}

/** The same trial of a structure: what it cannot change is as all its trials have it. */
export function structureConfig(config: TrialConfig): TrialConfig {
  const stride = Math.min(config.stride, MAX_HISTORIES);
  return { ...config, stride, order: 'sequential', padding: 'packed' };
}

/** Throws if a configuration, `--config` or an option, fixes what has no meaning for a structure. */
export function checkStructureConfig(
  option: string,
  given: Readonly<Record<string, unknown>>,
): void {
  const strange = Object.keys(given).find((key) => !OF_STRUCTURE.some((one) => one === key));
  if (strange !== undefined) {
    throw new StressError(
      `${option}: '${strange}' means nothing for a structure, expected ${OF_STRUCTURE.join(', ')}`,
    );
  }
  if (Number(given.stride ?? 0) > MAX_HISTORIES) {
    throw new StressError(
      `${option} stride is '${given.stride}', a structure has at most ${MAX_HISTORIES}`,
    );
  }
}

/** Parts that are not named stay as they are in `base`. */
export function parseConfig(text: string, base: TrialConfig): TrialConfig {
  const found: Record<string, string | number> = { ...base };
  for (const part of text.split(',')) {
    const [key = '', value = ''] = part.split('=');
    found[key] = parsePart(key, value, text);
  }
  return found as unknown as TrialConfig;
}

function parsePart(key: string, value: string, text: string): string | number {
  if (key === 'stride') return parseCount(key, value, 1);
  if (key === 'sync') return parseCount(key, value, 0);
  const choices: readonly string[] | undefined = own<readonly string[]>(CHOICES, key);
  if (!choices) {
    throw new StressError(`--config '${text}': there is no '${key}', expected ${ORDER.join(', ')}`);
  }
  if (choices.includes(value)) return value;
  throw new StressError(`--config ${key} is '${value}', expected ${choices.join(', ')}`);
}

function parseCount(key: string, value: string, least: number): number {
  const count = Number(value);
  if (/^\d+$/.test(value) && count >= least && count <= MAX_STRIDE) return count;
  throw new StressError(
    `--config ${key} is '${value}', expected an integer from ${least} to ${MAX_STRIDE}`,
  );
}
