/** The part of clang's JSON AST that we read. */
export interface AstNode {
  readonly id?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly loc?: AstLocation;
  readonly range?: { readonly begin?: AstLocation; readonly end?: AstLocation };
  readonly tagUsed?: 'struct' | 'union' | 'class';
  readonly completeDefinition?: boolean;
  readonly isBitfield?: boolean;
  readonly isImplicit?: boolean;
  /** Of an attribute: it stands at an earlier declaration. */
  readonly inherited?: boolean;
  readonly type?: AstType;
  /** `enum e : unsigned char`. */
  readonly fixedUnderlyingType?: AstType;
  /** The declaration that a type names. */
  readonly decl?: { readonly id?: string };
  readonly value?: string;
  readonly text?: string;
  readonly inner?: readonly AstNode[];
}

export interface AstType {
  readonly qualType?: string;
  readonly desugaredQualType?: string;
}

export interface AstLocation {
  file?: string;
  line?: number;
  readonly col?: number;
  readonly offset?: number;
  readonly expansionLoc?: AstLocation;
  readonly spellingLoc?: AstLocation;
}

/**
 * clang names a file and a line only where they differ from the ones that it printed before. This
 * fills them in again, in the order of printing.
 */
export class Locations {
  #file = '';
  #line = 0;

  /** The last place that was read. */
  get current(): { readonly file: string; readonly line: number } {
    return { file: this.#file, line: this.#line };
  }

  /** Fills in a parsed declaration. */
  fill(node: AstNode): void {
    // Keys keep the order in which they were printed.
    for (const key in node) {
      if (key === 'loc') this.#location(node.loc ?? {});
      else if (key === 'range') this.#range(node.range);
      else if (key === 'inner') for (const one of node.inner ?? []) this.fill(one);
    }
  }

  #range(range: AstNode['range']): void {
    if (range?.begin) this.#location(range.begin);
    if (range?.end) this.#location(range.end);
  }

  /** A place in a macro has two: where it is spelled, then where it is used. */
  #location(location: AstLocation): void {
    if (location.spellingLoc) this.#place(location.spellingLoc);
    if (location.expansionLoc) this.#place(location.expansionLoc);
    this.#place(location);
  }

  #place(location: AstLocation): void {
    if (location.offset === undefined) return;
    if (location.file !== undefined) this.#file = location.file;
    if (location.line !== undefined) this.#line = location.line;
    location.file = this.#file;
    location.line = this.#line;
  }

  /** Keeps count over a declaration that is not parsed. */
  skip(declaration: Buffer): void {
    let at = declaration.lastIndexOf('"file": "');
    while (at >= 0 && isIncluder(declaration, at)) at = lastBefore(declaration, at);
    if (at >= 0) {
      const text = declaration.toString('utf8', at + 8, declaration.indexOf('\n', at));
      this.#file = JSON.parse(text.replace(/,$/, ''));
    }
    const line = declaration.lastIndexOf('"line": ');
    if (line >= 0)
      this.#line = Number.parseInt(declaration.toString('latin1', line + 8, line + 20), 10);
  }
}

/** `lastIndexOf` counts a negative start from the end. */
function lastBefore(declaration: Buffer, at: number): number {
  return at === 0 ? -1 : declaration.lastIndexOf('"file": "', at - 1);
}

/** Where a declaration stands in its file; for one that a macro made, where that is used. */
export function placeOfNode(node: AstNode): AstLocation {
  return node.loc?.expansionLoc ?? node.loc ?? {};
}

/** Whether the file named at `at` is where the place's own file was included. */
function isIncluder(declaration: Buffer, at: number): boolean {
  return declaration
    .toString('latin1', Math.max(at - 80, 0), at)
    .trimEnd()
    .endsWith(includer);
}

const includer = '"includedFrom": {';
