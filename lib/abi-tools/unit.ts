import { readFileSync } from 'node:fs';
import type { Outcome } from './run.ts';

/** A source for a compiler. */
export interface Unit {
  /** Without the source and without an output. */
  readonly args: readonly string[];
  readonly source: { readonly file: string } | { readonly text: string };
  readonly wants: Wanted;
  /** Called with what is printed in place of keeping it. */
  readonly onOutput?: (piece: Buffer) => void;
}

/** What clang prints: its AST, the layouts of records, the source without directives. Or a file. */
export type Wanted = 'declarations' | 'layouts' | 'preprocessed' | 'object' | 'llvm';

export interface Made extends Outcome {
  /** What the file has that was written; undefined if there is none. */
  readonly file?: Buffer | undefined;
}

/** Files, with what tells the driver to write them. */
export const written: Partial<Record<Wanted, Written>> = {
  object: { suffix: '.o', flags: ['-c'] },
  llvm: { suffix: '.ll', flags: ['-S', '-emit-llvm'] },
};

export interface Written {
  readonly suffix: string;
  readonly flags: readonly string[];
}

/** undefined where nothing can be read. */
export function contentOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
