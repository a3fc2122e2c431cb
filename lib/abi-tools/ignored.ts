import { readFileSync } from 'node:fs';
import type { CDeclarations, CEnum, CRecord, CTypedef, IgnoredIn } from './c-model.ts';
import { type ForeignCount, isForeignAttribute, isForeignPragma } from './foreign-layout.ts';

/**
 * What clang says that it ignores. An attribute or pragma of another compiler can change a layout
 * there, so a declaration in which clang ignores one is not taken, unless it says nothing of bytes.
 */

/** Makes clang print these warnings, those of system headers too, where the bytes stand. */
export const ignoredFlags: readonly string[] = [
  '-Wno-everything',
  '-Wunknown-attributes',
  '-Wignored-attributes',
  '-Wunknown-pragmas',
  '-Wignored-pragmas',
  '-Wsystem-headers',
  '-fno-caret-diagnostics',
  '-Xclang',
  '-fno-diagnostics-use-presumed-location',
];

type Declared = CRecord | CEnum | CTypedef;

interface Warning {
  /** Byte of the file. */
  readonly at: number;
  readonly text: string;
}

/** Attributes that never change where a member lies or what it is. */
const harmless = new RegExp(
  `'(?:__)?(?:${[
    'designated_init|nonstring|counted_by|counted_by_or_null|sized_by|btf_type_tag|btf_decl_tag',
    'preserve_access_index|deprecated|unused|used|visibility|section|weak|alias|format|nonnull',
    'malloc|access|dllimport|dllexport|nothrow|noreturn|const|pure|cold|hot|may_alias',
    'cdecl|stdcall|fastcall|thiscall|vectorcall|regcall|ms_abi|sysv_abi|pcs|regparm|artificial',
  ].join('|')})(?:__)?'`,
);

const knownPragma = /\b(?:scalar_storage_order|pack|options\s+align|align|ms_struct|enum)\b/;
/** `#pragma x`, from the x on, and `_Pragma("x")`. */
const directive = /^(?:_Pragma\s*\(\s*"([^"\n]*)|([^\n]*))/;
const warningLine = /^(.*):(\d+):(\d+): warning: (.*) \[-W([\w-]+)\]$/;

class Ignored {
  readonly #attributes = new Map<string, Warning[]>();
  readonly #pragmas = new Map<string, Warning[]>();
  readonly #files = new Map<string, SourceFile>();

  /** Why no declaration can be taken. */
  readonly #all: string | undefined;

  constructor(stderr: string, declared: CDeclarations, foreign: ForeignCount) {
    for (const line of stderr.split('\n')) {
      const [, file, row, col, text = '', group] = warningLine.exec(line) ?? [];
      if (file === undefined) continue;
      const at = this.#file(file).offset(Number(row), Number(col));
      if (group?.endsWith('pragmas')) this.#addPragma(file, at);
      else if (!harmless.test(text)) this.#add(this.#attributes, file, { at, text });
    }
    this.#all = this.#lost(declared, foreign);
  }

  /** What the header says of layouts, and whose it is could not be found. */
  #lost(declared: CDeclarations, { attributes, pragmas }: ForeignCount): string | undefined {
    const warnings = [...this.#attributes].flatMap(([file, list]) =>
      list.filter(({ text }) => isForeignAttribute(text)).map((one) => ({ file, one })),
    );
    const kinds = [declared.records, declared.enums, declared.typedefs];
    const all = kinds.flatMap((kind): Declared[] => [...kind.values()]);
    const isPlaced = ({ file, one }: { readonly file: string; readonly one: Warning }) =>
      all.some((some) => some.file === file && isOf(one, some, this.#file(file)));
    const told = [...this.#pragmas.values()].flat().filter(({ text }) => isForeignPragma(text));
    if (warnings.length < attributes || !warnings.every(isPlaced)) {
      return "the compiler ignores a 'scalar_storage_order' in the header, which may hold for it";
    }
    return told.length < pragmas
      ? 'the compiler ignores a pragma about layouts in the header, which may hold for it'
      : undefined;
  }

  #add(list: Map<string, Warning[]>, file: string, warning: Warning): void {
    list.set(file, [...(list.get(file) ?? []), warning]);
  }

  #addPragma(file: string, at: number): void {
    const text = this.#file(file).pragmaAt(at);
    const isOfLayouts = knownPragma.test(text) || isForeignPragma(text);
    if (isOfLayouts) this.#add(this.#pragmas, file, { at, text });
  }

  #file(name: string): SourceFile {
    const known = this.#files.get(name) ?? new SourceFile(name);
    this.#files.set(name, known);
    return known;
  }

  reason(declared: Declared): string | undefined {
    const source = this.#file(declared.file);
    const found = this.#attributes.get(declared.file)?.find((one) => isOf(one, declared, source));
    if (found)
      return `${memberAt(declared, found.at)}the compiler ignores what it says there: ${found.text}`;
    const pragma = this.#pragmaBefore(declared);
    if (pragma) return `the compiler ignores '#pragma ${pragma.text}', which may hold for it`;
    return this.#all;
  }

  /** What was included where, clang does not tell: in other files such a pragma may always hold. */
  #pragmaBefore({ file, span }: Declared): Warning | undefined {
    for (const [where, list] of this.#pragmas) {
      const before = where === file ? list.filter((one) => one.at < span.to) : list;
      const last = before.at(-1);
      const isOver = where === file && /^scalar_storage_order\s+default\b/.test(last?.text ?? '');
      if (last && !isOver) return last;
    }
    return undefined;
  }
}

/** Whether a warning stands in the declaration, or right before or behind it. */
function isOf({ at }: Warning, { span }: Declared, source: SourceFile): boolean {
  if (at >= span.from && at <= span.to) return true;
  if (at < span.from) return !/[;}]/.test(source.code(at, span.from));
  return !/[;{]/.test(source.code(span.to, at));
}

/** `member 'x': `, for a warning between a struct's braces; those of a struct inside it, too. */
function memberAt(declared: Declared, at: number): string {
  if (!('members' in declared) || at >= declared.span.to) return '';
  const member = declared.members.findLast((one) => one.span.from <= at);
  if (!member) return '';
  const own = member.name ? `member '${member.name}': ` : '';
  return own + (member.inline ? memberAt(member.inline, at) : '');
}

const LF = 10;
/** Alone it ends a line, too. */
const CR = 13;

/** What looks like a comment in a string is kept. */
function withoutComments(text: string): string {
  return text.replaceAll(/("(?:[^"\\\n]|\\.)*")|\/\*[\s\S]*?\*\/|\/\/.*/g, '$1 ');
}

class SourceFile {
  readonly #bytes: Buffer;
  readonly #lines: number[] = [0];

  constructor(file: string) {
    this.#bytes = readMaybe(file);
    this.#bytes.forEach((byte, at) => {
      const isEnd = byte === LF || (byte === CR && this.#bytes[at + 1] !== LF);
      if (isEnd) this.#lines.push(at + 1);
    });
  }

  /** Both count from 1, columns in bytes. */
  offset(line: number, col: number): number {
    return (this.#lines[line - 1] ?? this.#bytes.length) + col - 1;
  }

  /** The directive that clang says begins there; of one in a macro, what stands there instead. */
  pragmaAt(at: number): string {
    const next = this.#lines.find((one) => one > at);
    const [, quoted, plain = ''] = directive.exec(withoutComments(this.#text(at, next))) ?? [];
    return (quoted ?? plain).trim();
  }

  /** Without comments and strings. */
  code(from: number, to: number): string {
    return withoutComments(this.#text(from, to)).replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""');
  }

  #text(from: number, to: number | undefined): string {
    return this.#bytes.toString('utf8', from, to);
  }
}

/** What a built-in buffer or a file that is gone holds, nobody looks at. */
function readMaybe(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

/**
 * Reads what clang printed under `ignoredFlags`. `foreign`: how often the header says something of
 * layouts that clang has to ignore.
 */
export function ignoredIn(
  stderr: string,
  declared: CDeclarations,
  foreign: ForeignCount,
): IgnoredIn {
  const found = new Ignored(stderr, declared, foreign);
  return (declared) => found.reason(declared);
}
