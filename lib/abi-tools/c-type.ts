/** A type as clang writes it, taken apart. */
export interface CType {
  /** `unsigned long`, `struct x`, `size_t`; without qualifiers. */
  readonly base: string;
  readonly isPointer: boolean;
  /** From the outermost; -1 for `[]`. */
  readonly lengths: readonly number[];
  /** What a pointer points to, for readers: `int (char)`, `struct x *`. */
  readonly to: string;
}

const qualifiers =
  /\b(?:const|volatile|restrict|__restrict|__unaligned|_Nonnull|_Nullable|_Null_unspecified)\b/g;
/** Says something of the value or the function, nothing of the bytes. A vector's does: it stays. */
const attribute =
  /\s*(?:__attribute__\(\((?:noreturn|noderef|cdecl|stdcall|fastcall|ms_abi|sysv_abi|regparm \d|regcall|pcs\("[\w-]+"\)|nothrow|btf_type_tag\("[^"]*"\))\)\)|BTF_TYPE_TAG\(\w*\))/g;
/** Where a type without a tag stands: the file's name may look like a part of the type. */
const place = /\((unnamed|anonymous)(?: struct| union| enum)? at .*?:\d+:\d+\)/g;
const functionPointer = /\((?:\*|\^)([^()[\]]*)((?:\[\d*\])*)\)/;

const known = new Map<string, CType>();

/** Takes apart `const struct x *[4]`, `int (*[2])(void)`, `unsigned char[]`. */
export function parseCType(text: string): CType {
  const found = known.get(text) ?? takenApart(text);
  known.set(text, found);
  return found;
}

function takenApart(text: string): CType {
  const clean = text
    .replaceAll(place, '($1)')
    .replaceAll(attribute, '')
    .replaceAll(qualifiers, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const pointed = functionPointer.exec(clean);
  if (pointed) {
    const [group, more = '', lengths = ''] = pointed;
    const to = clean.replace(group, more.trim() === '' ? '' : `(${more.trim()})`);
    return { base: clean, isPointer: true, lengths: lengthsIn(lengths), to: withoutPlaces(to) };
  }
  const suffix = /(?:\[\d*\])*$/.exec(clean)?.[0] ?? '';
  const base = clean.slice(0, clean.length - suffix.length).trim();
  const to = withoutPlaces(base.slice(0, -1).trim());
  return { base, isPointer: base.endsWith('*'), lengths: lengthsIn(suffix), to };
}

const untagged = /(?:(?:struct|union|enum) )?(?:[\w$]+::)*\((?:unnamed|anonymous)\)/g;

/** clang names what has no tag by its place, which is no part of the type. What leads to it stays. */
function withoutPlaces(to: string): string {
  return to.replaceAll(untagged, 'void');
}

function lengthsIn(suffix: string): number[] {
  return [...suffix.matchAll(/\[(\d*)\]/g)].map(([, digits]) =>
    digits === '' ? -1 : Number(digits),
  );
}
