import { readFileSync } from 'node:fs';

/**
 * What a header says of layouts in the words of other compilers. clang ignores them, and a header can
 * silence its warnings, so they are counted in what the preprocessor gives.
 */

/** What a file contains that has such a word, or pastes it together. */
const traces = ['storage_order', 'member_alignment', 'pointer_size', 'short-enums', 'pack-struct'];
/** Has clang print the files that are included, `. NAME` and deeper ones with more dots. */
export const includesFlag = '-H';
const includedFile = /^\.+ (.*)$/gm;

/** Attributes that move bytes and that clang does not know. */
const attribute = /\b(?:__)?scalar_storage_order(?:__)?\s*\(/g;
/** Pragmas of that kind; `default` takes the first one back. */
const pragma =
  /\b(?:scalar_storage_order(?!\s+default\b)|member_alignment|pointer_size|short-enums|pack-struct)/;
const pragmaLine = /^[ \t]*#[ \t]*pragma\b.*$/gm;
const knownAttribute = /'(?:__)?scalar_storage_order(?:__)?'/;

export interface ForeignCount {
  readonly attributes: number;
  readonly pragmas: number;
}

export const noForeign: ForeignCount = { attributes: 0, pragmas: 0 };

/** Whether the header, or a file that clang says it includes, may have such a word. */
export function mayBeForeign(header: string, stderr: string): boolean {
  return includedIn(header, stderr).some(hasTrace);
}

/** The header, and the files that clang says it includes. */
export function includedIn(header: string, stderr: string): readonly string[] {
  const included = [...stderr.matchAll(includedFile)].map(([, name = '']) => name);
  return [...new Set([header, ...included])];
}

/** A file that cannot be read may have anything. */
function hasTrace(file: string): boolean {
  try {
    const bytes = readFileSync(file);
    return traces.some((trace) => bytes.includes(trace));
  } catch {
    return true;
  }
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
