import { readFileSync } from 'node:fs';
import type { CEnum, CRecord, CTypedef, IgnoredIn } from './c-model.ts';

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

const layoutPragma =
  /\b(?:scalar_storage_order|pack|options\s+align|align|ms_struct|member_alignment|enum|pointer_size)\b/;
const warningLine = /^(.*):(\d+):(\d+): warning: (.*) \[-W([\w-]+)\]$/;

class Ignored {
  readonly #attributes = new Map<string, Warning[]>();
  readonly #pragmas = new Map<string, Warning[]>();
  readonly #files = new Map<string, SourceFile>();

  constructor(stderr: string) {
    for (const line of stderr.split('\n')) {
      const [, file, row, col, text = '', group] = warningLine.exec(line) ?? [];
      if (file === undefined) continue;
      const at = this.#file(file).offset(Number(row), Number(col));
      if (group?.endsWith('pragmas')) this.#addPragma(file, at);
      else if (!harmless.test(text)) this.#add(this.#attributes, file, { at, text });
    }
  }

  #add(list: Map<string, Warning[]>, file: string, warning: Warning): void {
    list.set(file, [...(list.get(file) ?? []), warning]);
  }

  #addPragma(file: string, at: number): void {
    const text = this.#file(file).lineAt(at).trim();
    if (layoutPragma.test(text)) this.#add(this.#pragmas, file, { at, text });
  }

  #file(name: string): SourceFile {
    const known = this.#files.get(name) ?? new SourceFile(name);
    this.#files.set(name, known);
    return known;
  }

  reason(declared: CRecord | CEnum | CTypedef): string | undefined {
    const source = this.#file(declared.file);
    const found = this.#attributes.get(declared.file)?.find((one) => isOf(one, declared, source));
    if (found)
      return `${memberAt(declared, found.at)}the compiler ignores what it says there: ${found.text}`;
    const pragma = this.#pragmaBefore(declared);
    return pragma && `the compiler ignores «${pragma.text}», which may hold for it`;
  }

  /** What was included where, clang does not tell: in other files such a pragma may always hold. */
  #pragmaBefore({ file, span }: CRecord | CEnum | CTypedef): Warning | undefined {
    for (const [where, list] of this.#pragmas) {
      const before = where === file ? list.filter((one) => one.at < span.from) : list;
      const last = before.at(-1);
      const isOver = where === file && /\bscalar_storage_order\s+default\b/.test(last?.text ?? '');
      if (last && !isOver) return last;
    }
    return undefined;
  }
}

/** Whether a warning stands in the declaration, or right before or behind it. */
function isOf({ at }: Warning, { span }: CRecord | CEnum | CTypedef, source: SourceFile): boolean {
  if (at >= span.from && at <= span.to) return true;
  if (at < span.from) return !/[;}]/.test(source.code(at, span.from));
  return !/[;{]/.test(source.code(span.to, at));
}

/** `member «x»: `, for a warning between a struct's braces; those of a struct inside it, too. */
function memberAt(declared: CRecord | CEnum | CTypedef, at: number): string {
  if (!('members' in declared) || at >= declared.span.to) return '';
  const member = declared.members.findLast((one) => one.span.from <= at);
  if (!member) return '';
  const own = member.name ? `member «${member.name}»: ` : '';
  return own + (member.inline ? memberAt(member.inline, at) : '');
}

class SourceFile {
  readonly #bytes: Buffer;
  readonly #lines: number[] = [0];

  constructor(file: string) {
    this.#bytes = readMaybe(file);
    for (let at = this.#bytes.indexOf(10); at >= 0; at = this.#bytes.indexOf(10, at + 1)) {
      this.#lines.push(at + 1);
    }
  }

  /** Both count from 1, columns in bytes. */
  offset(line: number, col: number): number {
    return (this.#lines[line - 1] ?? this.#bytes.length) + col - 1;
  }

  lineAt(at: number): string {
    const from = this.#lines.findLast((one) => one <= at) ?? 0;
    const end = this.#bytes.indexOf(10, at);
    return this.#bytes.toString('utf8', from, end < 0 ? undefined : end);
  }

  /** Without comments. */
  code(from: number, to: number): string {
    return this.#bytes.toString('utf8', from, to).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ' ');
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

/** Reads what clang printed under `ignoredFlags`. */
export function ignoredIn(stderr: string): IgnoredIn {
  const found = new Ignored(stderr);
  return (declared) => found.reason(declared);
}
