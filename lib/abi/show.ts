import type { ArrayState, Elements } from './elements.ts';
import { type Plain, type PlainOptions, plain } from './to-object.ts';
import { shapeKey, type ViewState } from './view-state.ts';

/** What JSON.stringify, util.inspect and console.log show of a view: never the memory behind it. */

/** Node's, without Node: other hosts ignore it. */
const custom = Symbol.for('nodejs.util.inspect.custom');

const readable = { enums: 'name', chars: 'text' } as const;

function toJSON(this: ViewState): Plain {
  return plain(this, readable);
}

interface InspectOptions {
  readonly maxArrayLength?: number | null;
  readonly stylize: (text: string, style: string) => string;
}

type Inspect = (value: unknown, options: object) => string;

/** Node's default. */
const mostShown = 100;

function inspected(
  this: ViewState,
  depth: number,
  options: InspectOptions,
  inspect: Inspect,
): string {
  const { label } = this[shapeKey];
  if (depth < 0) return options.stylize(`[${label}]`, 'special');
  const { maxArrayLength = mostShown } = options;
  const list = listOf(maxArrayLength ?? Number.POSITIVE_INFINITY);
  try {
    return `${label} ${inspect(plain(this, { ...readable, list }), { ...options, maxArrayLength: null })}`;
  } catch (error) {
    // A log line must not throw because a buffer was transferred.
    if (!(error instanceof RangeError)) throw error;
    return `${label} <${error.message}>`;
  }
}

/** Elements up to a number of them; a flexible tail may have millions. */
function listOf(most: number): NonNullable<PlainOptions['list']> {
  return (array: ArrayState & Elements, one) => {
    const rest = array.length - most;
    const length = Math.min(array.length, most);
    const list: unknown[] = Array.from({ length }, (_, index) => one(index));
    if (rest > 0) list.push({ [custom]: () => `... ${rest} more ${rest > 1 ? 'items' : 'item'}` });
    return list as Plain;
  };
}

/** Puts both on a prototype; a member of the name takes its place. */
export function addShown(prototype: object): void {
  Object.defineProperty(prototype, 'toJSON', { value: toJSON, configurable: true });
  Object.defineProperty(prototype, custom, { value: inspected });
}
