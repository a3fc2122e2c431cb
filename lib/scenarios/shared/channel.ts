import { lockWord, unlockWord, type Words } from './words.ts';

const LOCK = 0;
const FIRST = 1;
const COUNT = 2;
/** Changes with each value that comes or goes: who waits sleeps on it. */
const VERSION = 3;
const SLOTS = 4;

export const CHANNEL_BYTES = 64;

/** A bounded channel of any number of senders and receivers. */
export class Channel {
  readonly #words: Words;
  readonly #capacity: number;

  constructor(memory: SharedArrayBuffer, capacity: number) {
    this.#words = new Int32Array(memory);
    this.#capacity = capacity;
  }

  trySend(value: number): boolean {
    const words = this.#words;
    return this.#locked(() => {
      const count = words[COUNT] as number;
      if (count === this.#capacity) return false;
      words[SLOTS + (((words[FIRST] as number) + count) % this.#capacity)] = value;
      words[COUNT] = count + 1;
      return true;
    });
  }

  tryReceive(): number | undefined {
    const words = this.#words;
    let value: number | undefined;
    this.#locked(() => {
      const count = words[COUNT] as number;
      if (count === 0) return false;
      const first = words[FIRST] as number;
      value = words[SLOTS + first];
      words[FIRST] = (first + 1) % this.#capacity;
      words[COUNT] = count - 1;
      return true;
    });
    return value;
  }

  /** Waits for room; false where it gave up. */
  send(value: number, isOver: () => boolean, timeoutMs: number): boolean {
    return this.#wait(() => this.trySend(value) || undefined, isOver, timeoutMs) ?? false;
  }

  /** Waits for a value; undefined where it gave up. */
  receive(isOver: () => boolean, timeoutMs: number): number | undefined {
    return this.#wait(() => this.tryReceive(), isOver, timeoutMs);
  }

  #wait<T>(attempt: () => T | undefined, isOver: () => boolean, timeoutMs: number): T | undefined {
    for (;;) {
      const version = Atomics.load(this.#words, VERSION);
      const value = attempt();
      if (value !== undefined) return value;
      if (isOver()) return undefined;
      Atomics.wait(this.#words, VERSION, version, timeoutMs);
    }
  }

  /** Whether `run` changed something: then who waits is woken. */
  #locked(run: () => boolean): boolean {
    lockWord(this.#words, LOCK);
    const isChanged = run();
    if (isChanged) Atomics.add(this.#words, VERSION, 1);
    unlockWord(this.#words, LOCK);
    if (isChanged) Atomics.notify(this.#words, VERSION);
    return isChanged;
  }
}
