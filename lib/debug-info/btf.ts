import { UserError } from '../user-error.ts';
import {
  type DebugEnum,
  type DebugMember,
  type DebugRecord,
  type DebugScalar,
  type DebugType,
  type DebugTypes,
  type LooseEnum,
  noMembers,
} from './debug-type.ts';
import { textAt } from './elf-sections.ts';

/**
 * A reader of BTF, the kernel's own type format (docs.kernel.org/bpf/btf): a table of types, each
 * with a number, and a table of their names.
 */

const headerBytes = 24;

const kinds = [
  'void',
  'int',
  'pointer',
  'array',
  'struct',
  'union',
  'enum',
  'forward',
  'typedef',
  'volatile',
  'const',
  'restrict',
  'function',
  'prototype',
  'variable',
  'section',
  'float',
  'tag',
  'type tag',
  'enum64',
] as const;

type Kind = (typeof kinds)[number];

/** Bytes behind a type's first twelve: a fixed number, and so many for each of its `vlen`. */
const extraBytes: Readonly<Partial<Record<Kind, readonly [fixed: number, each: number]>>> = {
  int: [4, 0],
  array: [12, 0],
  struct: [0, 12],
  union: [0, 12],
  enum: [0, 8],
  prototype: [0, 8],
  variable: [4, 0],
  section: [0, 12],
  tag: [4, 0],
  enum64: [0, 12],
};

/** 'little' or 'big' if BTF begins so: its magic number is 0xeb9f. */
export function btfOrder(head: Uint8Array): 'little' | 'big' | undefined {
  if (head[0] === 0x9f && head[1] === 0xeb) return 'little';
  return head[0] === 0xeb && head[1] === 0x9f ? 'big' : undefined;
}

/** `base`: the one whose types and names this one goes on from, for a kernel module. */
export function readBtf(bytes: Buffer, file: string, base?: Btf): Btf {
  return new Btf(bytes, file, base);
}

export class Btf implements DebugTypes {
  readonly format = 'BTF';
  /** One more than the last type's number. */
  readonly end: number;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #isLittle: boolean;
  readonly #file: string;
  readonly #base: Btf | undefined;
  readonly #first: number;
  /** Where each type begins. */
  readonly #offsets: Uint32Array;
  readonly #strings: Buffer;
  readonly #firstString: number;

  constructor(bytes: Buffer, file: string, base?: Btf) {
    const order = btfOrder(bytes);
    if (!order || bytes.length < headerBytes || bytes[2] !== 1) {
      throw new UserError(`${file} holds no BTF of version 1`);
    }
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#isLittle = order === 'little';
    this.#file = file;
    this.#base = base;
    this.#first = base?.end ?? 1;
    const [types, strings] = this.#tables();
    this.#strings = bytes.subarray(strings.from, strings.to);
    this.#firstString = base?.endOfStrings ?? 0;
    this.#offsets = this.#scan(types.from, types.to);
    this.end = this.#first + this.#offsets.length;
  }

  get endOfStrings(): number {
    return this.#firstString + this.#strings.length;
  }

  *named(): Generator<number> {
    for (let id = this.#first; id < this.end; id++) {
      const { kind, name } = this.#head(id);
      const isNamed = kind === 'struct' || kind === 'union' || kind === 'typedef';
      if (name !== 0 && (isNamed || kind === 'enum' || kind === 'enum64')) yield id;
    }
  }

  *looseEnums(): Generator<LooseEnum> {
    for (let id = this.#first; id < this.end; id++) {
      const { kind, name } = this.#head(id);
      if (name !== 0 || (kind !== 'enum' && kind !== 'enum64')) continue;
      const found = this.typeOf(id);
      if (found.kind === 'enum') yield { scope: '', values: found.values };
    }
  }

  readonly missing = [];

  /** The kernel's build and pahole write each type once. */
  firstOf(id: number): number {
    return id;
  }

  unitOf(): string {
    return '';
  }

  typeOf(id: number): DebugType {
    if (id === 0) return { kind: 'other', what: 'void' };
    if (id < this.#first && this.#base) return this.#base.typeOf(id);
    // clang writes such a number for `_Atomic`.
    if (this.#offsets[id - this.#first] === undefined) {
      return { kind: 'refused', reason: `there is no type ${id} in its BTF` };
    }
    const { kind, at, name, info, size } = this.#head(id);
    const text = () => this.#text(name);
    switch (kind) {
      case 'int':
        return this.#int(at, text(), size);
      case 'float':
        return { kind: 'scalar', name: text(), size, form: 'float' };
      case 'pointer':
        return { kind, to: size };
      case 'array':
        return { kind, of: this.#u32(at + 12), lengths: [this.#u32(at + 20)] };
      case 'struct':
      case 'union':
        return this.#record(kind, at, info);
      case 'enum':
      case 'enum64':
        return this.#enum(kind, at, info);
      case 'typedef':
        return { kind, name: text(), to: size };
      case 'volatile':
      case 'const':
      case 'restrict':
      case 'type tag':
        return { kind: 'qualifier', to: size };
      case 'forward':
        return { kind: 'other', what: `${info >>> 31 ? 'union' : 'struct'} ${text()}` };
      case 'function':
      case 'prototype':
        return { kind: 'other', what: 'a function' };
      default:
        return { kind: 'other', what: kind };
    }
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, this.#isLittle);
  }

  #text(at: number): string {
    if (at < this.#firstString && this.#base) return this.#base.#text(at);
    return textAt(this.#strings, at - this.#firstString);
  }

  #tables() {
    const head = this.#u32(4);
    const part = (at: number) => {
      const from = head + this.#u32(at);
      const to = from + this.#u32(at + 4);
      if (to > this.#bytes.length) throw new UserError(`${this.#file}: its BTF is cut off`);
      return { from, to };
    };
    return [part(8), part(16)] as const;
  }

  #scan(from: number, to: number): Uint32Array {
    const found: number[] = [];
    for (let at = from; at < to; ) {
      found.push(at);
      if (at + 12 > to) throw new UserError(`${this.#file}: its BTF is cut off`);
      const info = this.#u32(at + 4);
      const kind = kinds[(info >>> 24) & 0x1f];
      if (!kind) {
        const id = this.#first + found.length - 1;
        throw new UserError(
          `${this.#file}: type ${id} is of kind ${(info >>> 24) & 0x1f}, which is newer than this reader`,
        );
      }
      const [fixed, each] = extraBytes[kind] ?? [0, 0];
      at += 12 + fixed + each * (info & 0xffff);
      if (at > to) throw new UserError(`${this.#file}: its BTF is cut off`);
    }
    return Uint32Array.from(found);
  }

  #head(id: number) {
    const at = this.#offsets[id - this.#first];
    if (at === undefined) throw new UserError(`${this.#file}: there is no type ${id} in its BTF`);
    const info = this.#u32(at + 4);
    const kind = kinds[(info >>> 24) & 0x1f] as Kind;
    return { at, name: this.#u32(at), info, kind, size: this.#u32(at + 8) };
  }

  #int(at: number, name: string, size: number): DebugScalar {
    const encoding = this.#u32(at + 12) >>> 24;
    const form = encoding & 4 ? 'bool' : encoding & 1 ? 'signed' : 'unsigned';
    return { kind: 'scalar', name, size, form };
  }

  #record(kind: 'struct' | 'union', at: number, info: number): DebugRecord {
    const members = Array.from({ length: info & 0xffff }, (_, index) =>
      this.#member(at + 12 + index * 12, info >>> 31 === 1),
    );
    const record = { kind, name: this.#text(this.#u32(at)), size: this.#u32(at + 8), members };
    const isHollow = kind === 'union' && members.length === 0 && record.size > 0;
    return isHollow ? { ...record, refused: noMembers } : record;
  }

  /** With the kind flag, the upper eight bits are a bit-field's width. */
  #member(at: number, hasWidths: boolean): DebugMember {
    const place = this.#u32(at + 8);
    const own = { name: this.#text(this.#u32(at)), type: this.#u32(at + 4) };
    if (!hasWidths) return { ...own, ...this.#oldPlace(own.type, place) };
    const bitWidth = place >>> 24;
    return { ...own, bitOffset: place & 0xffffff, ...(bitWidth > 0 ? { bitWidth } : {}) };
  }

  /** Without it, a bit-field has an integer type of its own, with bits of its own. */
  #oldPlace(type: number, place: number): Pick<DebugMember, 'bitOffset' | 'bitWidth'> {
    const at = type >= this.#first ? this.#offsets[type - this.#first] : undefined;
    const isInt = at !== undefined && kinds[(this.#u32(at + 4) >>> 24) & 0x1f] === 'int';
    if (!isInt) return { bitOffset: place };
    const [own, width] = [(this.#u32(at + 12) >>> 16) & 0xff, this.#u32(at + 12) & 0xff];
    const isWhole = own === 0 && width === this.#u32(at + 8) * 8;
    return isWhole ? { bitOffset: place } : { bitOffset: place + own, bitWidth: width };
  }

  #enum(kind: 'enum' | 'enum64', at: number, info: number): DebugEnum {
    const isSigned = info >>> 31 === 1;
    const [bytes, bits] = kind === 'enum64' ? [12, 64] : [8, 32];
    const values = Array.from({ length: info & 0xffff }, (_, index) => {
      const from = at + 12 + index * bytes;
      const low = BigInt(this.#u32(from + 4));
      const value = bits === 64 ? (BigInt(this.#u32(from + 8)) << 32n) | low : low;
      return [this.#text(this.#u32(from)), isSigned ? BigInt.asIntN(bits, value) : value] as const;
    });
    return {
      kind: 'enum',
      name: this.#text(this.#u32(at)),
      size: this.#u32(at + 8),
      isSigned,
      values,
    };
  }
}
