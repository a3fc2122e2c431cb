import type { Access } from './access.ts';
import { fitting, readValue, writeValue } from './bytes.ts';
import { accessor } from './codegen.ts';
import { compile } from './compile.ts';
import { tableOf } from './fits.ts';
import {
  badFor,
  baseKey,
  baseOf,
  goneFor,
  indexKey,
  memoryKey,
  type ViewState,
} from './view-state.ts';

export interface Accessors {
  get(this: ViewState): unknown;
  set(this: ViewState, value: unknown): void;
}

/** What a record's views have in common: its size, and what each base is a multiple of. */
export interface Ground {
  readonly room: number;
  readonly align: number;
  /** Bytes between the places of a view that moves, else 0. */
  readonly stride: number;
}

/** The pair for one member of a record. */
export function memberAccessors(access: Access, ground: Ground): Accessors {
  const { offset } = access;
  const position = {
    ...ground,
    offset: String(offset),
    step: offset || 8,
    fail: 'gone(this)',
    bad: 'bad(v)',
  };
  const source = accessor(access, position);
  const made =
    source &&
    compile(`{ get() { ${source.get} }, set(v) { ${source.set} } }`, {
      F: tableOf(source.table),
      M: memoryKey,
      B: baseKey,
      I: indexKey,
      gone: goneFor(access.path),
      bad: badFor(access),
    });
  return (made as Accessors | undefined) ?? slowAccessors(access);
}

/** Getter of a nested view, which stands under `key`. */
export function kidGetter(key: symbol) {
  const made = compile('{ get() { return this[K]; } }', { K: key }) as KidGetter | undefined;
  return made?.get ?? slowKid(key);
}

interface KidGetter {
  get(this: ViewState): object;
}

function slowKid(key: symbol): KidGetter['get'] {
  return function get() {
    return (this as unknown as Readonly<Record<symbol, object>>)[key] as object;
  };
}

export function slowAccessors(access: Access): Accessors {
  const gone = goneFor(access.path);
  return {
    get() {
      return reachable(this, gone, () => readValue(this[memoryKey].dv, baseOf(this), access));
    },
    set(value) {
      fitting(access, value);
      reachable(this, gone, () => writeValue(this[memoryKey].dv, baseOf(this), access, value));
    },
  };
}

/** Runs a slow access; an access past the buffer's end means that the buffer has changed. */
function reachable<T>(view: ViewState, gone: (view: ViewState) => never, run: () => T): T {
  try {
    return run();
  } catch {
    return gone(view);
  }
}
