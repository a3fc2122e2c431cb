/**
 * Cuts the AST that clang prints as JSON into its top-level declarations, without ever holding
 * the whole of it. clang indents by two: a line of four spaces and a brace begins or ends one.
 */
export class AstStream {
  #pending = '';
  readonly #onDeclaration: (text: string) => void;

  constructor(onDeclaration: (text: string) => void) {
    this.#onDeclaration = onDeclaration;
  }

  push(piece: string): void {
    this.#pending += piece;
    let from = 0;
    for (;;) {
      const end = this.#pending.indexOf('\n    }', from);
      if (end < 0) break;
      const start = this.#pending.indexOf('\n    {', from);
      this.#onDeclaration(this.#pending.slice(start + 1, end + 6));
      from = end + 6;
    }
    this.#pending = this.#pending.slice(from);
  }
}
