/** A type as clang writes it, taken apart. */
export interface CType {
  /** `unsigned long`, `struct x`, `size_t`; without qualifiers. */
  readonly base: string;
  readonly isPointer: boolean;
  /** From the outermost; -1 for `[]`. */
  readonly lengths: readonly number[];
}

const qualifiers = /\b(?:const|volatile|restrict|__restrict|__unaligned)\b/g;
const attribute = /\s*__attribute__\(\((?:[^()]|\([^()]*\))*\)\)/g;
const functionPointer = /\((?:\*|\^)[^()[\]]*((?:\[\d*\])*)\)/;

/** Takes apart `const struct x *[4]`, `int (*[2])(void)`, `unsigned char[]`. */
export function parseCType(text: string): CType {
  const clean = text
    .replaceAll(attribute, '')
    .replaceAll(qualifiers, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const pointed = functionPointer.exec(clean);
  if (pointed) return { base: clean, isPointer: true, lengths: lengthsIn(pointed[1] ?? '') };
  const suffix = /(?:\[\d*\])*$/.exec(clean)?.[0] ?? '';
  const base = clean.slice(0, clean.length - suffix.length).trim();
  return { base, isPointer: base.endsWith('*'), lengths: lengthsIn(suffix) };
}

function lengthsIn(suffix: string): number[] {
  return [...suffix.matchAll(/\[(\d*)\]/g)].map(([, digits]) =>
    digits === '' ? -1 : Number(digits),
  );
}
