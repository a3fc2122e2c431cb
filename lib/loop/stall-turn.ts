/** Each turn of a call is longer than the last, up to a second: a slow server's answer may take it. */
const FIRST_MS = 4;
const GROWS = 1.25;
const LONGEST_MS = 1000;

/** The turns of a call whose queue stands still, with a task that is kept. */
export class StallTurn {
  isOn = false;
  /** Its task was asked to leave the call. */
  calledBack = false;
  /** Of performance.now(). */
  ends = 0;
  #count = 0;

  /** Never as long as another: calls that wait for each other must not take turns for ever. */
  begin(): void {
    const ms = Math.min(FIRST_MS * GROWS ** this.#count++, LONGEST_MS);
    this.ends = performance.now() + ms * (0.5 + Math.random());
    this.isOn = true;
  }

  end(): void {
    this.isOn = this.calledBack = false;
  }
}
