import type { CRecord } from './c-model.ts';

/** What clang itself computed for a struct or union, in bits. */
export interface DumpedLayout {
  readonly sizeBits: number;
  readonly alignBits: number;
  /** One for each member, unnamed bit-fields among them. */
  readonly fieldBits: readonly number[];
}

/**
 * The layouts that `-fdump-record-layouts -fdump-record-layouts-simple` printed. (Not
 * `-fdump-record-layouts-complete`: it lays types out before the attributes behind their closing
 * brace are read, and the compiler then keeps that wrong layout.)
 */
export class RecordDump {
  readonly #waiting = new Map<string, Queue>();

  constructor(text: string) {
    for (const block of text.split('*** Dumping AST Record Layout').slice(1)) this.#add(block);
  }

  #add(block: string): void {
    const name = /^Type: (.*)$/m.exec(block)?.[1];
    const sizeBits = Number(/^ {2}Size:(\d+)$/m.exec(block)?.[1]);
    const alignBits = Number(/^ {2}Alignment:(\d+)$/m.exec(block)?.[1]);
    const list = /^ {2}FieldOffsets: \[(.*)\]>/m.exec(block)?.[1] ?? '';
    if (name === undefined || Number.isNaN(sizeBits) || Number.isNaN(alignBits)) return;
    const fieldBits = list === '' ? [] : list.split(', ').map(Number);
    const key = keyOf(name);
    const queue = this.#waiting.get(key) ?? new Queue();
    this.#waiting.set(key, queue);
    queue.add({ name, layout: { sizeBits, alignBits, fieldBits }, isTaken: false });
  }

  /** Of a struct that only we declare. */
  layoutOf(tag: string): DumpedLayout | undefined {
    return firstOf(this.#waiting.get(`struct ${tag}`) ?? [])?.layout;
  }

  /** `struct x`, where more than one has that tag: the header's own, and those in functions. */
  get shared(): readonly string[] {
    return [...this.#waiting].flatMap(([key, queue]) =>
      [...queue].filter(({ name }) => name === key).length > 1 ? [key] : [],
    );
  }

  /** Leaves only those that can be the header's own `struct x`. */
  keep(name: string, { sizeBits, alignBits }: Whole): void {
    for (const one of this.#waiting.get(name) ?? []) {
      const { layout } = one;
      if (layout.sizeBits !== sizeBits || layout.alignBits !== alignBits) one.isTaken = true;
    }
  }

  /**
   * What `fit` makes of the first of the record's layouts that it can; `written` is how clang names
   * its type where it is used. Records that one macro, or one #line, puts in one place share a key:
   * the same scope goes first, then the order in which they were laid out. Each layout is one record's.
   */
  take<T>(
    record: CRecord,
    written: string,
    fit: (layout: DumpedLayout) => T | undefined,
  ): T | undefined {
    const { kind, tag } = record;
    const name = bare(written);
    const keys = tag ? [`${kind} ${tag}`, tag] : [keyOf(name), `${kind} ${name}`];
    const queue = keys.map((key) => this.#waiting.get(key)).find((one) => one && firstOf(one));
    if (!queue) return undefined;
    for (const one of tag ? queue : queue.inScope(name)) {
      const made = fit(one.layout);
      if (made === undefined) continue;
      if (!tag) one.isTaken = true;
      return made;
    }
    return undefined;
  }
}

/** Of a layout, what `sizeof` and `_Alignof` tell. */
type Whole = Pick<DumpedLayout, 'sizeBits' | 'alignBits'>;

interface Printed {
  readonly name: string;
  readonly layout: DumpedLayout;
  /** By the record whose it is. */
  isTaken: boolean;
}

/** Those that are not taken, in order. The ones before the first of them are not looked at again. */
class Untaken {
  readonly #all: Printed[] = [];
  #from = 0;

  add(one: Printed): void {
    this.#all.push(one);
  }

  *[Symbol.iterator](): Generator<Printed> {
    while (this.#all[this.#from]?.isTaken) this.#from += 1;
    for (let at = this.#from; at < this.#all.length; at++) {
      const one = this.#all[at] as Printed;
      if (!one.isTaken) yield one;
    }
  }
}

/** Layouts that share a key. */
class Queue extends Untaken {
  readonly #byName = new Map<string, Untaken>();
  /** A struct that was laid out before its outer one had a name has no scope. */
  readonly #withoutScope = new Untaken();
  readonly #scoped = new Untaken();

  override add(one: Printed): void {
    super.add(one);
    const own = this.#byName.get(one.name) ?? new Untaken();
    this.#byName.set(one.name, own);
    own.add(one);
    (one.name.includes('::') ? this.#scoped : this.#withoutScope).add(one);
  }

  /** Those of the same scope alone, where there are any; else the likeliest first. */
  *inScope(name: string): Generator<Printed> {
    const own = this.#byName.get(name);
    if (own && firstOf(own)) yield* own;
    else {
      yield* this.#withoutScope;
      yield* this.#scoped;
    }
  }
}

function firstOf(some: Iterable<Printed>): Printed | undefined {
  for (const one of some) return one;
  return undefined;
}

/** `struct a::b` is `struct b`, `struct a::(unnamed at x.h:8:2)` is `struct x.h:8:2)`. */
function keyOf(name: string): string {
  const kind = /^(?:struct|union) /.exec(name)?.[0] ?? '';
  // `(unnamed at`, `(anonymous at` and `(unnamed struct at` are the same place.
  const placed = /\((?:unnamed|anonymous)(?: struct| union)? at (.*)$/.exec(name)?.[1];
  return kind + (placed ?? (name.slice(kind.length).split('::').pop() as string));
}

/** The element of an array type, without qualifiers: what clang lays out. */
function bare(written: string): string {
  return written.replace(/(?:\[\d*\])+$/, '').replace(/^(?:const |volatile )+/, '');
}
