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
  readonly #waiting = new Map<string, DumpedLayout[]>();

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
    const queue = this.#waiting.get(key) ?? [];
    this.#waiting.set(key, queue);
    queue.push({ sizeBits, alignBits, fieldBits });
  }

  /**
   * The layout of a record; `alias` is the typedef's name of one without a tag. What one macro
   * made in one place shares a key, and is asked for in the order in which clang printed it.
   */
  take(record: CRecord, alias: string): DumpedLayout | undefined {
    const { kind, tag, file, line, col } = record;
    const name = tag || alias;
    const keys = [`${kind} ${file}:${line}:${col}`, ...(name ? [`${kind} ${name}`, name] : [])];
    const found = keys.map((key) => this.#waiting.get(key)).find((queue) => queue?.length);
    return found?.shift();
  }
}

/** `struct a::(unnamed at /x/y.h:8:2)` is `struct /x/y.h:8:2`; `struct a::b` is `struct b`. */
function keyOf(name: string): string {
  const kind = /^(?:struct|union) /.exec(name)?.[0] ?? '';
  const place = /\((?:unnamed|anonymous).* at (.*:\d+:\d+)\)$/.exec(name)?.[1];
  return kind + (place ?? (name.slice(kind.length).split('::').pop() as string));
}
