/** The loop of this thread, which ends before the thread does. */
export class Current<Loop extends { close(): void }> {
  #loop: Loop | undefined;

  get loop(): Loop | undefined {
    return this.#loop;
  }

  set(loop: Loop): Loop {
    this.#loop = loop;
    process.once('exit', this.#close);
    return loop;
  }

  /** It is closed; nothing happens if it is not the thread's. */
  forget(loop: Loop): void {
    if (this.#loop !== loop) return;
    this.#loop = undefined;
    process.off('exit', this.#close);
  }

  /** Promises that are pending when a thread ends are rejected while its JavaScript still runs. */
  readonly #close = (): void => this.#loop?.close();
}
