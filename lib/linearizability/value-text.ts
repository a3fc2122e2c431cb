import { types } from 'node:util';
import { shown } from '../check.ts';
import { LinearizabilityError } from './error.ts';
import { blocked, cancelled } from './marks.ts';

const MAX_DEPTH = 16;

/**
 * A value as a text that is the same for equal values and for those alone: results, arguments and
 * states of models are compared by it.
 *
 * @throws LinearizabilityError for what cannot be compared: functions, foreign symbols, circles.
 */
export function valueText(value: unknown, depth = 0): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === undefined || value === null || typeof value === 'boolean') return String(value);
  if (value === cancelled) return 'cancelled';
  if (value === blocked) return 'blocked';
  if (typeof value === 'object' && depth < MAX_DEPTH) return objectText(value, depth + 1);
  throw new LinearizabilityError(
    `${shown(value)} cannot be compared: expected numbers, bigints, strings, booleans, and arrays, objects, maps and sets of them`,
  );
}

/** What an operation that throws gives: only the kind of error is compared. */
export function thrownText(error: unknown): string {
  return `throws ${types.isNativeError(error) ? error.name : valueTextOr(error)}`;
}

function valueTextOr(value: unknown): string {
  try {
    return valueText(value);
  } catch {
    return shown(value);
  }
}

function objectText(value: object, depth: number): string {
  if (types.isNativeError(value)) return value.name;
  if (types.isPromise(value)) {
    throw new LinearizabilityError(
      'a promise, which cannot be compared: expected no async function',
    );
  }
  if (Array.isArray(value)) return `[${listText(value, depth)}]`;
  if (types.isSet(value)) return `Set [${listText([...value], depth)}]`;
  if (types.isMap(value)) return `Map [${listText([...value], depth)}]`;
  if (ArrayBuffer.isView(value) && !types.isDataView(value)) {
    return `${nameOf(value)} [${listText([...(value as unknown as Iterable<unknown>)], depth)}]`;
  }
  if (types.isAnyArrayBuffer(value)) {
    return `${nameOf(value)} [${new Uint8Array(value).join(', ')}]`;
  }
  const members = memberTexts(value, depth).join(', ');
  const name = nameOf(value);
  return name === 'Object' || name === '' ? `{${members}}` : `${name} {${members}}`;
}

function listText(list: readonly unknown[], depth: number): string {
  return list.map((one) => valueText(one, depth)).join(', ');
}

function nameOf(value: object): string {
  return (value.constructor as { name?: string } | undefined)?.name ?? '';
}

/** Members that are functions belong to the code. */
function memberTexts(value: object, depth = 0): string[] {
  return Object.keys(value)
    .sort()
    .flatMap((key) => {
      const member = (value as Record<string, unknown>)[key];
      return typeof member === 'function'
        ? []
        : [`${JSON.stringify(key)}: ${valueText(member, depth)}`];
    });
}

/** The state of a model: its members that are data. */
export function stateText(model: object): string {
  return memberTexts(model).join(', ');
}
