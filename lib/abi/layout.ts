import { bareType } from './access.ts';
import { byteCount } from './byte-count.ts';
import { checkTarget } from './check-target.ts';
import { AbiError } from './error.ts';
import { isPowerOfTwo, maxBytes } from './limits.ts';
import { type FieldLayout, type Hole, layRecord } from './record.ts';
import { resolveType } from './resolve.ts';
import { valueLayout } from './scalar-layout.ts';
import type { Target } from './target.ts';
import type { RecordType, Type } from './types.ts';
import { shown } from './value-check.ts';

/** Where a compiler for `target` puts a type. Sizes, offsets and alignments in bytes. */
export interface Layout {
  readonly target: string;
  readonly size: number;
  readonly align: number;
  /** Members in the order of the definition; empty for anything but a struct or union. */
  readonly fields: readonly FieldLayout[];
  readonly holes: readonly Hole[];
  /** Bytes after the last member that only round the size up to the alignment. */
  readonly tailPadding: number;
}

const known = new WeakMap<Target, WeakMap<Type, Layout>>();
const inProgress = new Set<Type>();

/**
 * The layout of `type` on `target`; the same object for the same two arguments.
 * Throws AbiError for a definition that a compiler would refuse, naming the member.
 */
export function layout(type: Type, target: Target): Layout {
  const cache = known.get(target) ?? newCache(target);
  const found = cache.get(type) ?? guarded(type, target);
  cache.set(type, found);
  return found;
}

function newCache(target: Target): WeakMap<Type, Layout> {
  checkTarget(target, 'layout()');
  const cache = new WeakMap<Type, Layout>();
  known.set(target, cache);
  return cache;
}

function guarded(type: Type, target: Target): Layout {
  if (inProgress.has(type)) {
    throw new AbiError('contains itself: use pointer() for a link to its own type');
  }
  inProgress.add(type);
  try {
    return Object.freeze(compute(type, target));
  } finally {
    inProgress.delete(type);
  }
}

function compute(type: Type, target: Target): Layout {
  const settled = resolveType(type, target);
  const value = valueLayout(settled, target);
  if (value) return plain(target, value.size, value.align);
  switch (settled.kind) {
    case 'array':
      return layArray(settled.of, settled.length, target);
    case 'flexible':
      return plain(target, 0, element(settled.of, target).align);
    case 'aligned':
      return { ...layout(settled.type, target), align: checkedAlign(settled.align) };
    case 'struct':
    case 'union':
      return record(settled, target);
    default:
      throw new AbiError(`${JSON.stringify(settled)} is not a type`);
  }
}

function plain(target: Target, size: number, align: number): Layout {
  return { target: target.name, size, align, fields: [], holes: [], tailPadding: 0 };
}

function layArray(of: Type, length: number, target: Target): Layout {
  if (!Number.isInteger(length) || length < 0) {
    throw new AbiError(`array length ${shown(length)}: expected an integer from 0 up`);
  }
  const { size, align } = element(of, target);
  if (size % align !== 0) {
    throw new AbiError(
      `array element of ${byteCount(size)} has alignment ${align}: no compiler takes it`,
    );
  }
  if (Math.max(size, 1) * length > maxBytes) {
    throw new AbiError(`array of ${length}: too large, at most ${maxBytes} bytes can be laid out`);
  }
  return plain(target, size * length, align);
}

/** The layout of what an array is of. */
function element(of: Type, target: Target): Layout {
  if (bareType(of, target).kind !== 'flexible') return layout(of, target);
  throw new AbiError('an array of arrays without a length: no compiler takes it');
}

function record(type: RecordType, target: Target): Layout {
  return { target: target.name, ...layRecord(type, target, layout) };
}

function checkedAlign(align: number): number {
  if (isPowerOfTwo(align)) return align;
  throw new AbiError(`alignment ${shown(align)}: expected a power of two`);
}
