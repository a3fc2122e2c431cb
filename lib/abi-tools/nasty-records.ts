import {
  aligned,
  anonymous,
  array,
  bits,
  type Field,
  type MemberOptions,
  member,
  pointer,
  type RecordOptions,
  type RecordType,
  type ScalarName,
  type Type,
  unnamedBits,
} from '../abi/index.ts';
import type { Expected } from './nasty-header.ts';
import type { Random } from './random.ts';

/** A type as the header spells it. */
export interface Spelt {
  readonly text: string;
  readonly type: Type;
  /** An enumeration, or aligned: no bit-field and no array is made of it. */
  readonly isOdd?: true;
}

export function scalarText(name: ScalarName): string {
  const texts: Partial<Record<ScalarName, string>> = {
    schar: 'signed char',
    uchar: 'unsigned char',
    ushort: 'unsigned short',
    uint: 'unsigned',
    ulong: 'unsigned long',
    longlong: 'long long',
    ulonglong: 'unsigned long long',
    bool: '_Bool',
    longdouble: 'long double',
  };
  return texts[name] ?? name;
}

/** Names that meet made-up keys, prototypes, macros and our own symbols. */
const memberNames = [
  ...Array.from({ length: 8 }, (_, index) => `_${index}`),
  ...['_1_', '__proto__', 'constructor', 'toString', 'pid', 'sa_handler', 'class', 'syslets_n0'],
  ...['e', 'f', 'type', 'name', 'align', 'unavailable', 'length', 'x', 'y', 'z'],
];

const pointers = [
  'const char *@',
  'void (*@)(int)',
  'struct nobody *@',
  'int (*@)[4]',
  'void **const @',
];
/** 4 bytes long where x86 has 8, as any other pointer elsewhere. */
const narrow = 'int __attribute__((address_space(270))) *@';
const narrowOn = ['x86_64', 'generic', 'x86_64-apple', 'x86_64-windows-msvc', 'x86_64-windows-gnu'];
const wrong = [
  'int @ __attribute__((vector_size(16)))',
  '_Complex float @',
  '_Atomic int @',
  'int @ __attribute__((sideways))',
];

/** Bits of the narrowest type that a scalar can have, for a width that fits everywhere. */
const bitTypes: Partial<Record<ScalarName, number>> = {
  char: 8,
  schar: 8,
  uchar: 8,
  short: 16,
  ushort: 16,
  int: 32,
  uint: 32,
  long: 32,
  ulong: 32,
  longlong: 64,
  ulonglong: 64,
  bool: 1,
};

interface Body {
  readonly lines: string[];
  readonly fields: Record<string, Field>;
  readonly names: Set<string>;
  count: number;
}

export class NastyRecords {
  readonly expected: Expected[] = [];
  readonly #random: Random;
  readonly #tag: string;
  readonly #types: Spelt[];
  readonly #memberNames: readonly string[];
  readonly #used = new Set<string>();
  #count = 0;
  /** Members for which the type must be refused; empty for the type as a whole. */
  #refusedFor: string[] | undefined;
  /** Members for which it must be refused where pointers of 4 bytes are not all pointers. */
  #narrow: string[] = [];
  #pack = 0;

  constructor(random: Random, types: Spelt[], isCpp: boolean) {
    this.#random = random;
    this.#types = types;
    // `struct s16` beside a typedef of that name is no C++
    this.#tag = isCpp ? 'tag' : 's';
    this.#memberNames = isCpp ? memberNames.filter((name) => name !== 'class') : memberNames;
  }

  /** Macros with the names of members. */
  memberMacros(): string[] {
    return [...this.#used].map((name) => `${name} other.${name}`);
  }

  /** The lines that declare one more struct or union, under one or two names. */
  declare(): string[] {
    const random = this.#random;
    this.#refusedFor = undefined;
    this.#narrow = [];
    this.#pack = random.chance(30) ? random.pick([1, 2, 4, 8]) : 0;
    const tag = random.chance(60) ? `${this.#tag}${this.#count++}` : '';
    const kind = random.chance(25) ? 'union' : 'struct';
    const options = this.#options();
    const body = this.#body(0);
    const type: RecordType = { kind, name: tag, fields: body.fields, ...options };
    const fault = this.#refusedFor === undefined ? random.below(25) : -1;
    const [isLead, isSwapped] = [fault === 0, fault === 1];
    if (isLead || isSwapped) this.#refusedFor = [];
    const swap = isSwapped ? ' __attribute__((scalar_storage_order("big-endian")))' : '';
    const lead = isLead ? '__attribute__((packed)) ' : '';
    const [before, after] = this.#places(options);
    const text = `${kind}${before} ${tag} {\n${body.lines.join('\n')}\n}${after}${swap}`;
    const named = this.#named(text, lead, type);
    const line = random.chance(20) ? ['#line 7 "other.y"'] : [];
    return [...line, ...this.#packed(named)];
  }

  #named(text: string, lead: string, type: RecordType): string {
    const random = this.#random;
    if (type.name !== '' && random.chance(60)) {
      this.#expect(`${type.kind} ${type.name}`, type);
      if (this.#refusedFor === undefined && this.#narrow.length === 0) {
        this.#types.push({ text: `${type.kind} ${type.name}`, type, isOdd: true });
      }
      return `${lead}${text};`;
    }
    const [one, two] = [`t${this.#count++}`, `t${this.#count++}`];
    const align = random.chance(25) ? random.pick([1, 4, 16]) : 0;
    this.#expect(one, type);
    if (type.name !== '') this.#expect(`${type.kind} ${type.name}`, type);
    if (align > 0) {
      this.expected.pop();
      if (type.name !== '') this.expected.pop();
      this.#expect(one, aligned(align, type));
      return `${lead}typedef ${text} ${one} __attribute__((aligned(${align})));`;
    }
    this.#expect(two, type);
    return `${lead}typedef ${text} ${one}, ${two};`;
  }

  #expect(name: string, truth: Type): void {
    const refusedFor = this.#refusedFor;
    const isNarrow = this.#narrow.length > 0;
    // as a whole: its reason need name no member
    const both = refusedFor?.length === 0 ? [] : [...(refusedFor ?? []), ...this.#narrow];
    if (refusedFor) this.expected.push({ name, refusedFor: both });
    else if (!isNarrow) this.expected.push({ name, truth });
    else this.expected.push({ name, refusedFor: this.#narrow, some: { on: narrowOn, truth } });
  }

  /** The pragma as a stack, by a label, or set and taken back. */
  #packed(text: string): string[] {
    if (this.#pack === 0) return [text];
    const n = this.#pack;
    const [on, off] = this.#random.pick([
      [`#pragma pack(push, ${n})`, '#pragma pack(pop)'],
      [`#pragma pack(push, here, ${n})\n#pragma pack(push)`, '#pragma pack(pop, here)'],
      [`#pragma pack(${n})`, '#pragma pack()'],
      [`_Pragma("pack(push, ${n})")`, '_Pragma("pack(pop)")'],
    ] as const);
    return [on, text, off];
  }

  #options(): RecordOptions {
    const random = this.#random;
    return {
      ...(random.chance(15) ? { packed: true as const } : {}),
      ...(random.chance(15) ? { align: random.pick([2, 4, 8, 16]) } : {}),
      ...(this.#pack > 0 ? { pack: this.#pack } : {}),
    };
  }

  /** The attributes before the tag or behind the brace. */
  #places({ packed, align }: RecordOptions): readonly [string, string] {
    const list = [packed ? 'packed' : '', align ? `__aligned__(${align})` : ''].filter(Boolean);
    if (list.length === 0) return ['', ''];
    const text = ` __attribute__((${list.join(', ')}))`;
    return this.#random.chance(50) ? [text, ''] : ['', text];
  }

  #body(depth: number, names = new Set<string>()): Body {
    const body: Body = { lines: [], fields: {}, names, count: 0 };
    const count = 1 + this.#random.below(depth === 0 ? 7 : 3);
    while (body.count < count) this.#member(body, depth);
    return body;
  }

  #member(body: Body, depth: number): void {
    const random = this.#random;
    const kind = random.below(100);
    const name = this.#name(body.names);
    if (kind < 20) this.#bitField(body, name);
    else if (kind < 30 && depth < 2) this.#inner(body, name, depth);
    else if (kind < 38 && depth < 2) this.#anonymous(body, depth);
    else if (kind < 48) this.#add(body, name, random.pick(pointers).replace('@', name), pointer());
    else if (kind < 51 && random.chance(depth === 0 ? 100 : 30)) {
      this.#refusedFor = [...(this.#refusedFor ?? []), name];
      this.#add(body, name, random.pick(wrong).replace('@', name), pointer());
    } else if (kind < 53) {
      this.#narrow = [...this.#narrow, name];
      this.#add(body, name, narrow.replace('@', name), pointer());
    } else this.#value(body, name);
  }

  #name(names: Set<string>): string {
    const wanted = this.#random.pick(this.#memberNames);
    const name = names.has(wanted) ? `m${this.#count++}` : wanted;
    names.add(name);
    this.#used.add(name);
    return name;
  }

  #add(body: Body, key: string, text: string, field: Field): void {
    Object.defineProperty(body.fields, key, { value: field, enumerable: true });
    body.lines.push(`\t${text};`);
    body.count += 1;
  }

  #value(body: Body, name: string): void {
    const random = this.#random;
    const { text, type, isOdd } = random.pick(this.#types);
    if (!isOdd && random.chance(25)) {
      this.#add(body, name, `${text} ${name}[2][3]`, array(array(type, 3), 2));
    } else if (!isOdd && random.chance(15)) {
      this.#add(body, name, `__typeof__(${text}) ${name}`, type);
    } else if (!isOdd && random.chance(30)) this.#attributed(body, name, text, type);
    else this.#add(body, name, `${text} ${name}`, type);
  }

  #attributed(body: Body, name: string, text: string, type: Type): void {
    const random = this.#random;
    const align = random.pick([2, 4, 8]);
    const attribute = random.chance(50) ? 'packed' : `aligned(${align})`;
    const field = member(type, attribute === 'packed' ? { packed: true } : { align });
    const written = `__attribute__((${attribute}))`;
    const declared = random.chance(50)
      ? `${written} ${text} ${name}`
      : `${text} ${name} ${written}`;
    this.#add(body, name, declared, field);
  }

  #bitField(body: Body, name: string): void {
    const random = this.#random;
    const usable = this.#types.filter(({ type, isOdd }) => !isOdd && bitsOf(type) > 0);
    const { text, type } = random.pick(usable);
    const width = 1 + random.below(bitsOf(type));
    if (random.chance(25)) {
      this.#add(body, `-${body.count}`, `${text} : ${width}`, unnamedBits(type, width));
    } else this.#add(body, name, `${text} ${name} : ${width}`, bits(type, width));
  }

  #inner(body: Body, name: string, depth: number): void {
    const options = this.#pack > 0 ? { pack: this.#pack } : {};
    const inner = this.#body(depth + 1);
    const type: RecordType = { kind: 'struct', name: '', fields: inner.fields, ...options };
    const isArray = this.#random.chance(30);
    const text = `struct {\n${inner.lines.join('\n')}\n\t} ${name}${isArray ? '[2]' : ''}`;
    this.#add(body, name, text, isArray ? array(type, 2) : type);
  }

  #anonymous(body: Body, depth: number): void {
    const kind = this.#random.chance(50) ? 'union' : 'struct';
    const options = this.#pack > 0 ? { pack: this.#pack } : {};
    const inner = this.#body(depth + 1, body.names);
    const type: RecordType = { kind, name: '', fields: inner.fields, ...options };
    const { before, attributes } = this.#before();
    const text = `${before}${kind} {\n${inner.lines.join('\n')}\n\t}`;
    this.#add(body, `-${body.count}`, text, anonymous(type, attributes));
  }

  /** Attributes before an anonymous member are its own, not its type's. */
  #before(): { readonly before: string; readonly attributes: MemberOptions } {
    const random = this.#random;
    if (random.chance(60)) return { before: '', attributes: {} };
    const align = random.pick([2, 4, 8, 16]);
    const qualifier = random.pick(['', 'const ', 'volatile ']);
    const [text, attributes] = random.pick([
      [`aligned(${align})`, { align }],
      ['packed', { packed: true }],
      [`packed, aligned(${align})`, { packed: true, align }],
    ] as const);
    return { before: `${qualifier}__attribute__((${text})) `, attributes };
  }
}

function bitsOf(type: Type): number {
  return type.kind === 'scalar' ? (bitTypes[type.scalar] ?? 0) : 0;
}
