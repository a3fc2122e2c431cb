const EVERY_MS = 10;

/** For how long is JavaScript held? A timer of 10 ms tells: the longest time between two of its turns. */
export class HeldTimer {
  #last = performance.now();
  longestMs = 0;
  turns = 0;

  constructor() {
    setInterval(() => this.#turn(), EVERY_MS).unref();
  }

  #turn(): void {
    const now = performance.now();
    this.longestMs = Math.max(this.longestMs, now - this.#last);
    this.#last = now;
    this.turns++;
  }

  /** What went before is not measured. */
  begin(): void {
    this.#last = performance.now();
    this.longestMs = 0;
    this.turns = 0;
  }
}
