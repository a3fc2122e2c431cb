import { type Element, elements, raw } from './elements.ts';
import { type Accesses, type Block, refused, type ViewInfo } from './instrument.ts';

type Method = (this: object, ...args: unknown[]) => unknown;
type Class = new (...args: unknown[]) => object;
type Globals = Record<string, unknown>;

/** Methods whose result is a new array of the same type, with memory of its own. */
const COPYING = new Set(['filter', 'map', 'slice', 'toReversed', 'toSorted', 'with']);

/**
 * Typed arrays and DataViews of a realm, over the memory of the state: each element is an access.
 * Over all other memory they are what they were.
 */
export class TypedViews {
  readonly infos = new WeakMap<object, ViewInfo>();
  readonly blocks = new WeakMap<object, Block>();
  readonly #accesses: Accesses;
  readonly #globals: Globals;
  readonly #classes = new Map<string, Class>();

  /** `globals` are those of the realm, still as they are. */
  constructor(accesses: Accesses, globals: Globals) {
    this.#accesses = accesses;
    this.#globals = globals;
    this.#patchBuffers();
    for (const element of elements) this.#patchArray(element);
    this.#patchPrototype();
    this.#patchDataView();
  }

  /** A buffer of the state, as the realm's code is given it. */
  buffer(base: number, bytes: number): object {
    const { prototype } = this.#globals.SharedArrayBuffer as Class;
    const buffer = Object.create(prototype as object) as object;
    this.blocks.set(buffer, { base, bytes, buffer });
    return buffer;
  }

  /** An instrumented array over all of a buffer. */
  array(name: string, buffer: object): object {
    return new (this.#classes.get(name) as Class)(buffer);
  }

  #patchBuffers(): void {
    const { prototype } = this.#globals.SharedArrayBuffer as Class;
    const blocks = this.blocks;
    const bytes = getter(prototype as object, 'byteLength');
    define(prototype as object, 'byteLength', {
      get(this: object) {
        return blocks.get(this)?.bytes ?? bytes.call(this);
      },
    });
    for (const name of ['growable', 'maxByteLength', 'grow', 'slice']) {
      const there = Object.getOwnPropertyDescriptor(prototype, name);
      if (!there) continue;
      const guard = (native: Method): Method =>
        function guarded(this: object, ...args) {
          const block = blocks.get(this);
          if (!block) return native.apply(this, args);
          if (name === 'growable') return false;
          if (name === 'maxByteLength') return block.bytes;
          throw refused(`SharedArrayBuffer.prototype.${name}`, 'the size of the state is fixed');
        };
      const how = there.get
        ? { get: guard(there.get as Method) }
        : { value: guard(there.value as Method) };
      define(prototype as object, name, how);
    }
  }

  #patchArray(element: Element): void {
    const native = this.#globals[element.array] as Class;
    const { infos } = this;
    const construct = (target: Class, args: unknown[], newTarget: Class): object => {
      const [source] = args as [object];
      const isObject = typeof source === 'object' && source !== null;
      const block = isObject ? this.blocks.get(source) : undefined;
      if (block) return this.#viewOver(element, block, args, newTarget.prototype as object);
      const copied =
        isObject && infos.has(source) ? [Array.from(source as ArrayLike<unknown>)] : args;
      return Reflect.construct(
        target,
        copied,
        newTarget === wrapped ? target : newTarget,
      ) as object;
    };
    const wrapped: Class = new Proxy(native, { construct: construct as never });
    define(native.prototype as object, 'constructor', { value: wrapped });
    this.#classes.set(element.array, wrapped);
    this.#globals[element.array] = wrapped;
  }

  #viewOver(element: Element, block: Block, args: unknown[], prototype: object): object {
    const [, offsetGiven = 0, lengthGiven] = args;
    const { size, array } = element;
    const offset = Math.trunc(Number(offsetGiven)) || 0;
    if (offset < 0 || offset % size !== 0) {
      throw new RangeError(`start offset of ${array} should be a multiple of ${size}`);
    }
    if (lengthGiven === undefined && (block.bytes % size !== 0 || offset > block.bytes)) {
      throw new RangeError(`byte length of ${array} should be a multiple of ${size}`);
    }
    const length =
      lengthGiven === undefined
        ? (block.bytes - offset) / size
        : Math.trunc(Number(lengthGiven)) || 0;
    if (length < 0 || offset + length * size > block.bytes) {
      throw new RangeError(`Invalid typed array length: ${length}`);
    }
    return this.#proxy({ block, offset, length, element }, prototype);
  }

  #proxy(info: ViewInfo & { element: Element }, prototype: object): object {
    const { element, length } = info;
    const accesses = this.#accesses;
    const address = info.block.base + info.offset;
    const target = Object.create(prototype) as object;
    const read = (index: number) => accesses.load(element, address + index * element.size);
    const write = (index: number, value: unknown) => {
      // the language converts also where nothing is stored
      element.put(value);
      if (index >= 0 && index < length)
        accesses.store(element, address + index * element.size, value);
      return true;
    };
    const isIn = (index: number) => index >= 0 && index < length;
    const view: object = new Proxy(target, {
      get(_target, key, receiver) {
        const index = indexOf(key);
        if (index !== undefined) return isIn(index) ? read(index) : undefined;
        return Reflect.get(target, key, receiver);
      },
      set(_target, key, value, receiver) {
        const index = indexOf(key);
        return index === undefined
          ? Reflect.set(target, key, value, receiver)
          : write(index, value);
      },
      has(_target, key) {
        const index = indexOf(key);
        return index === undefined ? Reflect.has(target, key) : isIn(index);
      },
      ownKeys() {
        return [...Array.from({ length }, (_, index) => String(index)), ...Reflect.ownKeys(target)];
      },
      getOwnPropertyDescriptor(_target, key) {
        const index = indexOf(key);
        if (index === undefined) return Reflect.getOwnPropertyDescriptor(target, key);
        if (!isIn(index)) return undefined;
        return { value: read(index), writable: true, enumerable: true, configurable: true };
      },
      defineProperty(_target, key, how) {
        const index = indexOf(key);
        if (index === undefined) return Reflect.defineProperty(target, key, how);
        return isIn(index) && write(index, how.value);
      },
      deleteProperty(_target, key) {
        const index = indexOf(key);
        return index === undefined ? Reflect.deleteProperty(target, key) : !isIn(index);
      },
    });
    this.infos.set(view, info);
    return view;
  }

  /** What all typed arrays inherit: methods work on elements, getters on what is known. */
  #patchPrototype(): void {
    const some = (this.#classes.get('Int8Array') as Class).prototype as object;
    const prototype = Object.getPrototypeOf(some) as object;
    const { infos } = this;
    const known: Record<string, (info: ViewInfo) => unknown> = {
      length: ({ length }) => length,
      byteLength: ({ length, element }) => length * (element?.size ?? 1),
      byteOffset: ({ offset }) => offset,
      buffer: ({ block }) => block.buffer,
    };
    for (const [name, value] of Object.entries(known)) {
      const native = getter(prototype, name);
      define(prototype, name, {
        get(this: object) {
          const info = infos.get(this);
          return info ? value(info) : native.call(this);
        },
      });
    }
    this.#patchTag(prototype);
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const there = Object.getOwnPropertyDescriptor(prototype, name);
      if (name === 'constructor' || typeof there?.value !== 'function') continue;
      define(prototype, name, { value: this.#method(name, there.value as Method) });
    }
    define(prototype, Symbol.iterator, {
      value: (prototype as unknown as Record<string, Method>).values,
    });
  }

  #patchTag(prototype: object): void {
    const { infos } = this;
    const native = getter(prototype, Symbol.toStringTag);
    define(prototype, Symbol.toStringTag, {
      get(this: object) {
        return infos.get(this)?.element?.array ?? native.call(this);
      },
    });
  }

  #method(name: string, native: Method): Method {
    const views = this;
    return function method(this: object, ...args) {
      const info = views.infos.get(this);
      return info ? views.#generic(name, this, info, args) : native.apply(this, args);
    };
  }

  #generic(name: string, view: object, info: ViewInfo, args: unknown[]): unknown {
    if (name === 'set') return this.#setAll(view as unknown[], info, args);
    if (name === 'subarray') return this.#subarray(view, info, args);
    const generic = (Array.prototype as unknown as Record<string, Method>)[name];
    if (!generic) throw refused(`TypedArray.prototype.${name}`, 'read the elements one by one');
    const isSort = name === 'sort' || name === 'toSorted';
    const given = isSort && args[0] === undefined ? [numerically] : args;
    if (!COPYING.has(name)) return generic.apply(view, given);
    const copy = Array.from(view as unknown as ArrayLike<unknown>);
    if (name === 'slice') return this.#copy(info, copy.slice(...(args as number[])));
    return this.#copy(info, generic.apply(copy, given) as unknown[]);
  }

  #copy({ element }: ViewInfo, values: unknown[]): object {
    return new (this.#classes.get(element?.array ?? '') as Class)(values);
  }

  #setAll(view: unknown[], { length }: ViewInfo, args: unknown[]): void {
    const values = Array.from(args[0] as ArrayLike<unknown>);
    const from = Math.trunc(Number(args[1] ?? 0)) || 0;
    if (from < 0 || from + values.length > length) throw new RangeError('offset is out of bounds');
    for (const [index, value] of values.entries()) view[from + index] = value;
  }

  #subarray(
    view: object,
    info: ViewInfo & { element?: Element | undefined },
    args: unknown[],
  ): object {
    const { length, block, offset } = info;
    const element = info.element as Element;
    const [begin, end] = [
      relativeIndex(args[0], 0, length),
      relativeIndex(args[1], length, length),
    ];
    const prototype = Object.getPrototypeOf(view) as object;
    const part = { block, offset: offset + begin * element.size, length: Math.max(0, end - begin) };
    return this.#proxy({ ...part, element }, prototype);
  }

  #patchDataView(): void {
    const native = this.#globals.DataView as Class;
    const construct = (target: Class, args: unknown[], newTarget: Class): object => {
      const block = this.blocks.get(args[0] as object);
      if (!block)
        return Reflect.construct(
          target,
          args,
          newTarget === wrapped ? target : newTarget,
        ) as object;
      const offset = Math.trunc(Number(args[1] ?? 0)) || 0;
      const length =
        args[2] === undefined ? block.bytes - offset : Math.trunc(Number(args[2])) || 0;
      if (offset < 0 || length < 0 || offset + length > block.bytes) {
        throw new RangeError(`Start offset ${offset} is outside the bounds of the buffer`);
      }
      const view = Object.create(newTarget.prototype as object) as object;
      this.infos.set(view, { block, offset, length, element: undefined });
      return view;
    };
    const wrapped: Class = new Proxy(native, { construct: construct as never });
    const prototype = native.prototype as object;
    define(prototype, 'constructor', { value: wrapped });
    this.#globals.DataView = wrapped;
    this.#patchDataViewGetters(prototype);
    for (const element of elements) this.#patchDataViewMethods(prototype, element);
  }

  #patchDataViewGetters(prototype: object): void {
    const { infos } = this;
    const known: Record<string, (info: ViewInfo) => unknown> = {
      byteLength: ({ length }) => length,
      byteOffset: ({ offset }) => offset,
      buffer: ({ block }) => block.buffer,
    };
    for (const [name, value] of Object.entries(known)) {
      const native = getter(prototype, name);
      define(prototype, name, {
        get(this: object) {
          const info = infos.get(this);
          return info ? value(info) : native.call(this);
        },
      });
    }
  }

  #patchDataViewMethods(prototype: object, element: Element): void {
    const methods = prototype as unknown as Record<string, Method>;
    const [get, set] = [methods[`get${element.method}`], methods[`set${element.method}`]];
    if (!get || !set) return;
    const { infos } = this;
    const accesses = this.#accesses;
    const at = (info: ViewInfo, index: unknown) => placeIn(info, element, index);
    const swapped = swappedElement(element);
    const of = (isLittle: unknown) => (isLittle || element.size === 1 ? element : swapped);
    const how = { tears: true };
    define(prototype, `get${element.method}`, {
      value(this: object, ...args: unknown[]) {
        const info = infos.get(this);
        if (!info) return get.apply(this, args);
        return accesses.load(of(args[1]), at(info, args[0]), how);
      },
    });
    define(prototype, `set${element.method}`, {
      value(this: object, ...args: unknown[]) {
        const info = infos.get(this);
        if (!info) return set.apply(this, args);
        return accesses.store(of(args[2]), at(info, args[0]), args[1], how);
      },
    });
  }
}

function placeIn(info: ViewInfo, element: Element, given: unknown): number {
  const index = Math.trunc(Number(given ?? 0)) || 0;
  if (index < 0 || index + element.size > info.length) {
    throw new RangeError('Offset is outside the bounds of the DataView');
  }
  return info.block.base + info.offset + index;
}

/** The same values with their bytes in the other order. */
function swappedElement(element: Element): Element {
  const turned = (lo: number, hi: number): readonly [number, number] => {
    if (element.size === 8) return [swap32(hi), swap32(lo)];
    return [element.size === 4 ? swap32(lo) : swap32(lo) >>> 16, 0];
  };
  return {
    ...element,
    name: `${element.name}be`,
    put(value) {
      element.put(value);
      [raw.lo, raw.hi] = turned(raw.lo, raw.hi);
    },
    get: (lo, hi) => element.get(...turned(lo, hi)),
  };
}

function swap32(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

function indexOf(key: string | symbol): number | undefined {
  if (typeof key !== 'string') return undefined;
  const index = Number(key);
  return String(index) === key ? index : undefined;
}

function relativeIndex(given: unknown, otherwise: number, length: number): number {
  const index = given === undefined ? otherwise : Math.trunc(Number(given)) || 0;
  return index < 0 ? Math.max(0, length + index) : Math.min(index, length);
}

function numerically(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : Number(a > b);
}

function getter(object: object, key: PropertyKey): Method {
  return Object.getOwnPropertyDescriptor(object, key)?.get as Method;
}

function define(object: object, key: PropertyKey, how: PropertyDescriptor): void {
  Object.defineProperty(object, key, {
    configurable: true,
    enumerable: false,
    ...how,
    ...('value' in how ? { writable: true } : {}),
  });
}
