/**
 * What a header says of layouts in the words of other compilers. clang ignores them, and a header can
 * silence its warnings, so they are counted in what the preprocessor gives.
 */

/** Attributes that move bytes and that clang does not know. */
const attribute = /\b(?:__)?scalar_storage_order(?:__)?\s*\(/g;
/** Pragmas of that kind; `default` takes the first one back. */
const pragma =
  /\b(?:scalar_storage_order(?!\s+default\b)|member_alignment|pointer_size|short-enums|pack-struct|enum\s*\()/;
const pragmaLine = /^[ \t]*#[ \t]*pragma\b.*$/gm;
const knownAttribute = /'(?:__)?scalar_storage_order(?:__)?'/;

export interface ForeignCount {
  readonly attributes: number;
  readonly pragmas: number;
}

/** In the output of the preprocessor. */
export function foreignIn(preprocessed: string): ForeignCount {
  const lines = preprocessed.match(pragmaLine) ?? [];
  const attributes = preprocessed.replaceAll(pragmaLine, '').match(attribute) ?? [];
  return { attributes: attributes.length, pragmas: lines.filter(isForeignPragma).length };
}

/** Whether a pragma, without `#pragma`, is one. */
export function isForeignPragma(text: string): boolean {
  return pragma.test(text);
}

/** Whether clang's warning is about such an attribute. */
export function isForeignAttribute(warning: string): boolean {
  return knownAttribute.test(warning);
}
