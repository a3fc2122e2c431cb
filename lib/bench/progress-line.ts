/** A line on a terminal that is written over; elsewhere nothing. */
export class ProgressLine {
  readonly #terminal = process.stderr.isTTY === true;

  show(text: string): void {
    if (this.#terminal) process.stderr.write(`\r\x1b[K${text}`);
  }

  clear(): void {
    if (this.#terminal) process.stderr.write('\r\x1b[K');
  }
}
