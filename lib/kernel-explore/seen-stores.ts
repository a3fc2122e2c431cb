import type { KernelStep } from './explorer.ts';

interface Waiting {
  readonly what: string | undefined;
  readonly row: number | undefined;
}

/**
 * Which step's store is seen at each place, while an execution is gone through. Rows are those of the
 * table of steps.
 */
export class SeenStores {
  readonly #seen = new Map<string, number | undefined>();
  readonly #waiting = new Map<number, Waiting[]>();

  /** The row of the store that a read gets: the actor's own that waits, or the one that all see. */
  sourceOf({ op, what, actor }: KernelStep): number | undefined {
    if (what === undefined || (op !== 'read' && op !== 'update')) return undefined;
    const own = this.#of(actor).findLast((one) => one.what === what);
    return own ? own.row : this.#seen.get(what);
  }

  /** Another actor's store to what is read waits in its buffer. */
  isNewerElsewhere({ op, what, actor }: KernelStep): boolean {
    if (op !== 'read' || what === undefined) return false;
    return [...this.#waiting].some(
      ([other, stores]) => other !== actor && stores.some((one) => one.what === what),
    );
  }

  /** Notes what a step has stored, and which stores it has let out of the buffer. */
  made(step: KernelStep, row: number | undefined): void {
    const { op, what, actor, store, waiting = 0, everywhere } = step;
    const isWrite = op === 'write' || op === 'update';
    const waits = isWrite && store === 'waits';
    for (const [of, count] of everywhere?.entries() ?? []) this.#letOut(of, count, row);
    this.#letOut(actor, waiting - (waits ? 1 : 0), row);
    if (waits) this.#of(actor).push({ what, row });
    else if (isWrite && what !== undefined) this.#seen.set(what, row);
  }

  #letOut(actor: number, kept: number, row: number | undefined): void {
    const stores = this.#of(actor);
    for (const { what, row: made } of stores.splice(0, Math.max(0, stores.length - kept))) {
      if (what !== undefined) this.#seen.set(what, row ?? made);
    }
  }

  #of(actor: number): Waiting[] {
    const stores = this.#waiting.get(actor) ?? [];
    this.#waiting.set(actor, stores);
    return stores;
  }
}
