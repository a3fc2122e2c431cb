import { CompletionBatch, type CompletionRing } from '../ring/index.ts';

const BATCH = 64;

/** The completions of a ring, in batches. Who is told of one may make calls, and so come here again. */
export class Completions {
  readonly #ring: CompletionRing;
  readonly #batches: CompletionBatch[] = [];

  constructor(ring: CompletionRing) {
    this.#ring = ring;
  }

  /** Takes all that are there. */
  each(tell: (batch: CompletionBatch, index: number) => void): void {
    const batch = this.#batches.pop() ?? new CompletionBatch(BATCH);
    do {
      this.#ring.reapInto(batch);
      for (let i = 0; i < batch.length; i++) tell(batch, i);
    } while (batch.length === batch.capacity);
    this.#batches.push(batch);
  }
}
