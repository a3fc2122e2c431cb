import { checkNames, expected } from '../check.ts';
import { Site } from '../loop/index.ts';
import type { CheckedOptions, SysOptions } from './call-types.ts';

const NAMES = ['signal', 'timeoutMs', 'unref', 'site'];
/** What setTimeout takes. */
const MOST_MS = 0x7fff_ffff;

/** The options, each read once; throws unless these are options. */
export function checkOptions(options: SysOptions): CheckedOptions {
  checkNames(options, NAMES);
  const { signal, timeoutMs, unref, site } = options;
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw new TypeError(expected('signal', signal, 'an AbortSignal'));
  }
  if (site !== undefined && !(site instanceof Site)) {
    throw new TypeError(expected('site', site, 'new Site()'));
  }
  checkTimeout(timeoutMs);
  return { signal, timeoutMs, unref, site };
}

/** By what is used of it: jsdom and other realms have classes of their own. */
function isAbortSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' &&
    typeof addEventListener === 'function' &&
    typeof removeEventListener === 'function'
  );
}

function checkTimeout(timeoutMs: unknown): void {
  if (timeoutMs === undefined) return;
  if (typeof timeoutMs === 'number' && timeoutMs >= 0 && timeoutMs <= MOST_MS) return;
  throw new RangeError(expected('timeoutMs', timeoutMs, `a number from 0 to ${MOST_MS}`));
}
