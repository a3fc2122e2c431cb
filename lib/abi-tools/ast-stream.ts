/**
 * Cuts the AST that clang prints as JSON into its top-level declarations, without ever holding
 * the whole of it. clang indents by two: a line of four spaces and a brace begins or ends one.
 * Bytes, not text: most of a large header's AST is the bodies of functions, which nobody reads.
 */
export class AstStream {
  /** Of the declaration that has begun. */
  #pieces: Buffer[] = [];
  /** The last bytes of those: an end may be cut in two. */
  #tail: Buffer = Buffer.alloc(0);
  readonly #onDeclaration: (declaration: Buffer) => void;

  constructor(onDeclaration: (declaration: Buffer) => void) {
    this.#onDeclaration = onDeclaration;
  }

  push(piece: Buffer): void {
    let from = this.#cutEnd(piece);
    if (from > 0) this.#end(piece.subarray(0, from));
    for (let end = piece.indexOf(ending, from); end >= 0; end = piece.indexOf(ending, from)) {
      this.#end(piece.subarray(from, end + ending.length));
      from = end + ending.length;
    }
    const rest = piece.subarray(from);
    if (rest.length > 0) this.#pieces.push(rest);
    this.#tail = Buffer.concat([this.#tail, rest.subarray(-keptBytes)]).subarray(-keptBytes);
  }

  /** How much of `piece` completes an end that the piece before began; 0 if none. */
  #cutEnd(piece: Buffer): number {
    const both = Buffer.concat([this.#tail, piece.subarray(0, keptBytes)]);
    const end = both.indexOf(ending);
    return end < 0 ? 0 : end + ending.length - this.#tail.length;
  }

  #end(last: Buffer): void {
    const whole = this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#tail = Buffer.alloc(0);
    this.#onDeclaration(whole.subarray(whole.indexOf(beginning) + 1));
  }
}

const beginning = Buffer.from('\n    {');
const ending = Buffer.from('\n    }');
const keptBytes = ending.length - 1;
