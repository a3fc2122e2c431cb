import { bareType } from '../abi/access.ts';
import { AbiError, cpp, type Target, type Type } from '../abi/index.ts';
import { CEmitter } from './emit-c.ts';
import { probeExpression, probesOf } from './probe.ts';
import { seedOf } from './random.ts';
import { targetLabel } from './spec.ts';
import { namesOf, Spelling, tagIn } from './spelling.ts';

/** What Linux shares its processors with. */
const elsewhere = '!defined(__APPLE__) && !defined(_WIN32)';

/** What a compiler defines on exactly these targets. */
const guards: Readonly<Record<string, string>> = {
  i386: `defined(__i386__) && ${elsewhere}`,
  x86_64: `defined(__x86_64__) && defined(__LP64__) && ${elsewhere}`,
  x32: `defined(__x86_64__) && defined(__ILP32__) && ${elsewhere}`,
  aarch64: `defined(__aarch64__) && ${elsewhere}`,
  arm: `defined(__arm__) && ${elsewhere}`,
  ppc64: 'defined(__powerpc64__) && defined(__BIG_ENDIAN__)',
  ppc64le: 'defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)',
  riscv64: 'defined(__riscv) && __riscv_xlen == 64',
  s390x: 'defined(__s390x__)',
  mips: 'defined(__mips__) && defined(_ABIO32) && _MIPS_SIM == _ABIO32',
  sparc64: 'defined(__sparc__) && defined(__arch64__)',
  m68k: 'defined(__m68k__)',
  loongarch64: 'defined(__loongarch64)',
  wasm32: 'defined(__wasm32__) && !defined(__EMSCRIPTEN__)',
  'wasm32-emscripten': 'defined(__wasm32__) && defined(__EMSCRIPTEN__)',
  'aarch64-apple': 'defined(__aarch64__) && defined(__APPLE__) && defined(__LP64__)',
  'x86_64-apple': 'defined(__x86_64__) && defined(__APPLE__)',
  'x86_64-windows-msvc': 'defined(_MSC_VER) && defined(_M_X64) && !defined(_M_ARM64EC)',
  'i686-windows-msvc': 'defined(_MSC_VER) && defined(_M_IX86)',
  'aarch64-windows-msvc': 'defined(_MSC_VER) && defined(_M_ARM64)',
  'x86_64-windows-gnu': 'defined(__MINGW32__) && defined(__x86_64__)',
};

const readable = {
  scalarNames: {
    u8: 'uint8_t',
    u16: 'uint16_t',
    u32: 'uint32_t',
    u64: 'uint64_t',
    i8: 'int8_t',
    i16: 'int16_t',
    i32: 'int32_t',
    i64: 'int64_t',
    size_t: 'size_t',
    bool: 'bool',
  },
  plainEnumerators: true,
  plainBases: true,
} as const;

function pointerText(to: string, { spell }: Spelling): string {
  const tag = tagIn(to);
  if (tag !== undefined) return `${to.slice(0, -tag.length)}${spell(tag)} *`;
  return /^(?:void|char|int|long)(?: \*)*$/.test(to) ? `${to} *` : 'void *';
}

/**
 * Another exported header may have the same declarations: the first one holds, and one that is not the
 * same is an error. A name that the header made up counts as what it stands for.
 */
class SharedDeclarations {
  readonly #prefix: string;
  readonly #spelling: Spelling;
  /** Of what has a made-up name; C++ can have another name for what is in it. */
  readonly #sums = { c: new Map<string, string>(), 'c++': new Map<string, string>() };

  constructor(prefix: string, spelling: Spelling) {
    this.#prefix = prefix;
    this.#spelling = spelling;
  }

  once(name: string, lines: readonly string[]): string[] {
    const [tag, kind] = name.split(' ').reverse() as [string, string?];
    const macro = `ABI_HAS_${kind ?? 'typedef'}_${tag}`;
    const [c, cpp] = [this.#sumOf(tag, lines, 'c'), this.#sumOf(tag, lines, 'c++')];
    const set = (sum: string) => `#define ${macro} ${sum}`;
    const [sets, isOther] =
      c === cpp
        ? [[set(c)], `${macro} != ${c}`]
        : [
            ['#ifdef __cplusplus', set(cpp), '#else', set(c), '#endif'],
            `defined(__cplusplus) ? ${macro} != ${cpp} : ${macro} != ${c}`,
          ];
    return [
      `#ifndef ${macro}`,
      ...sets,
      ...lines,
      `#elif ${isOther}`,
      `#error "${name} is another one than in a header before this one"`,
      '#endif',
    ];
  }

  #sumOf(tag: string, lines: readonly string[], language: 'c' | 'c++'): string {
    const isMadeUp = this.#isMadeUp(tag);
    const sums = this.#sums[language];
    const told = lines.join('\n').replaceAll(/[\w$]+/g, (word) => {
      if (isMadeUp && word === tag) return 'itself';
      return sums.get(word) ?? this.#spelling.written(word, language);
    });
    const sum = `0x${seedOf(told).toString(16)}`;
    if (isMadeUp) sums.set(tag, sum);
    return sum;
  }

  #isMadeUp(tag: string): boolean {
    const rest = tag.startsWith(this.#prefix) ? tag.slice(this.#prefix.length) : '';
    return /^(?:anonymous|aligned_\d+)(?:_\d+)?$/.test(rest);
  }
}

/** In C++ a typedef and a tag of one name are the same type, which a header before may have announced. */
function tagged(name: string): string {
  return `ABI_TAG(${name})`;
}

/**
 * A header that declares the type for each target, with assertions of each size and offset. It has no guard
 * around all of it, since each declaration has its own: a header of another type of that name is told.
 * `wanted` is the typedef's name of what has no tag, or more alignment than what has it.
 */
export function exportHeader(type: Type, targets: readonly Target[], wanted: string): string {
  const spelling = new Spelling(targets.flatMap((target) => namesOf(type, target, wanted)));
  const parts = targets.map((target) => targetPart(type, target, wanted, spelling));
  const isSame = new Set(parts.map((part) => part.declarations)).size === 1;
  const body = isSame && targets.length > 1 ? sharedBody(parts) : parts.map(ownPart);
  const has = (macro: string) => body.some((text) => text.includes(`${macro}(`));
  const [hasTag, hasAlignas] = [has('ABI_TAG'), has('ABI_ALIGNAS')];
  return [
    '#include <stdbool.h>',
    '#include <stddef.h>',
    '#include <stdint.h>',
    '',
    '#ifdef __cplusplus',
    '#define ABI_ASSERT(what) static_assert(what, #what)',
    '#define ABI_ALIGNOF(type) alignof(type)',
    ...(hasTag ? ['#define ABI_TAG(name) name'] : []),
    ...(hasAlignas ? ['#define ABI_ALIGNAS(n) __attribute__((aligned(n)))'] : []),
    ...spelling.forCpp,
    '#else',
    '#define ABI_ASSERT(what) _Static_assert(what, #what)',
    '#define ABI_ALIGNOF(type) _Alignof(type)',
    ...(hasTag ? ['#define ABI_TAG(name)'] : []),
    ...(hasAlignas ? ['#define ABI_ALIGNAS(n) _Alignas(n)'] : []),
    ...spelling.forC,
    '#endif',
    '',
    ...body,
    '',
    '#undef ABI_ASSERT',
    '#undef ABI_ALIGNOF',
    ...(hasTag ? ['#undef ABI_TAG'] : []),
    ...(hasAlignas ? ['#undef ABI_ALIGNAS'] : []),
    ...spelling.undefined,
    '',
  ].join('\n');
}

interface Part {
  readonly target: Target;
  readonly declarations: string;
  readonly assertions: string;
}

function targetPart(type: Type, target: Target, wanted: string, spelling: Spelling): Part {
  const { kind } = bareType(type, target);
  if (kind !== 'struct' && kind !== 'union') {
    throw new AbiError(`${wanted}: expected a struct or a union to export, got ${kind}`);
  }
  // Another exported header may have such, too.
  const prefix = `${wanted}_`;
  const shared = new SharedDeclarations(prefix, spelling);
  const emitter = new CEmitter(target, {
    ...readable,
    spell: spelling.spell,
    pointer: (to) => pointerText(to, spelling),
    prefix,
    once: (name, lines) => shared.once(name, lines),
    tag: tagged,
    alignas: 'ABI_ALIGNAS',
  });
  emitter.declareNamed(type, wanted);
  const inC = assertionsOf(emitter, target, spelling);
  const inCpp = assertionsOf(emitter, cpp(target) as Target, spelling);
  const both = ['#ifdef __cplusplus', inCpp, '#else', inC, '#endif'].join('\n');
  return { target, declarations: emitter.text, assertions: inC === inCpp ? inC : both };
}

function assertionsOf(emitter: CEmitter, target: Target, spelling: Spelling): string {
  const all = emitter.records.flatMap(({ name, type }) => {
    return assertionsFor(name, type, target, spelling);
  });
  return all.join('\n');
}

function assertionsFor(name: string, type: Type, target: Target, { path }: Spelling): string[] {
  return probesOf(type, target).flatMap((probe) => {
    if (probe.kind === 'bits' || probe.kind === 'class') return [];
    const spelled = 'path' in probe ? { ...probe, path: path(probe.path) } : probe;
    const expression = probeExpression(spelled, {
      name,
      target,
      object: `(*(${name} *)0)`,
      prefix: '',
      isQuick: true,
    }) as string;
    const readableOne = expression
      .replace(/^(?:alignof|_Alignof)/, 'ABI_ALIGNOF')
      .replace('__builtin_offsetof', 'offsetof');
    return [`ABI_ASSERT(${readableOne} == ${probe.expected});`];
  });
}

function sharedBody(parts: readonly Part[]): string[] {
  const chain = parts.map((part, at) => `${guardLine(part, at)}\n${part.assertions}`);
  return [parts[0]?.declarations ?? '', ...chain, '#endif'];
}

function ownPart(part: Part, at: number, all: readonly Part[]): string {
  const text = `${part.declarations}\n${part.assertions}`;
  if (all.length === 1) return text;
  const end = at === all.length - 1 ? '\n#else\n#error "no layout for this target"\n#endif' : '';
  return `${guardLine(part, at)}\n${text}${end}`;
}

function guardLine(part: Part, at: number): string {
  const guard =
    guards[part.target.name] ??
    `defined(ABI_${part.target.name.toUpperCase().replaceAll('-', '_')})`;
  return `#${at === 0 ? 'if' : 'elif'} ${guard} /* ${targetLabel(part.target)} */`;
}
