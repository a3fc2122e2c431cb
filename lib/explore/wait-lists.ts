import { TooLarge } from './error.ts';

const WIDTH = 4;
const MOST = 64;

/**
 * Who waits on which word, first in, first out, and the promises of waitAsync that were kept and
 * that their actor has not come to yet. A waiter of -1 is a wait that the actor sleeps in.
 */
export class WaitLists {
  /** Entries in the waiting list: actor, waiter, address, whether it has a limit. By address. */
  count = 0;
  readonly #waiting = new Int32Array(WIDTH * MOST);
  /** Promises kept: actor, waiter, answer. */
  readonly #kept = new Int32Array(3 * MOST);
  #keptCount = 0;
  /** Whether anything may be in here: most executions of most programs never wait. */
  #isUsed = false;
  /** How many times each actor has called waitAsync so that it got a promise. */
  readonly #made: Int32Array;
  /** What takeFirst and takeKept found. */
  readonly taken = { actor: 0, waiter: 0, answer: 0 };

  constructor(actors: number) {
    this.#made = new Int32Array(actors);
  }

  clear(): void {
    if (!this.#isUsed) return;
    this.#isUsed = false;
    this.count = 0;
    this.#keptCount = 0;
    this.#made.fill(0);
  }

  nextWaiter(actor: number): number {
    this.#isUsed = true;
    return (this.#made[actor] as number)++;
  }

  /** Behind the others of its word; the words are in order, so that equal states look equal. */
  add(actor: number, waiter: number, address: number, isLimited: number): void {
    this.#isUsed = true;
    if (this.count === MOST) throw new TooLarge(`more than ${MOST} waits at the same time`);
    let at = this.count;
    while (at > 0 && (this.#waiting[(at - 1) * WIDTH + 2] as number) > address) at -= 1;
    this.#waiting.copyWithin((at + 1) * WIDTH, at * WIDTH, this.count * WIDTH);
    this.#waiting[at * WIDTH] = actor;
    this.#waiting[at * WIDTH + 1] = waiter;
    this.#waiting[at * WIDTH + 2] = address;
    this.#waiting[at * WIDTH + 3] = isLimited;
    this.count += 1;
  }

  /** Takes who has waited longest on a word into `taken`. */
  takeFirst(address: number): boolean {
    for (let at = 0; at < this.count; at++) {
      if (this.#waiting[at * WIDTH + 2] !== address) continue;
      this.taken.actor = this.#waiting[at * WIDTH] as number;
      this.taken.waiter = this.#waiting[at * WIDTH + 1] as number;
      this.#drop(at);
      return true;
    }
    return false;
  }

  hasWaiter(address: number): boolean {
    for (let at = 0; at < this.count; at++) {
      if (this.#waiting[at * WIDTH + 2] === address) return true;
    }
    return false;
  }

  remove(actor: number, waiter: number): void {
    for (let at = 0; at < this.count; at++) {
      if (this.#waiting[at * WIDTH] !== actor || this.#waiting[at * WIDTH + 1] !== waiter) continue;
      this.#drop(at);
      return;
    }
  }

  #drop(at: number): void {
    this.#waiting.copyWithin(at * WIDTH, (at + 1) * WIDTH, this.count * WIDTH);
    this.count -= 1;
  }

  /** A promise of an actor is kept; by actor, so that equal states look equal. */
  keep(actor: number, waiter: number, answer: number): void {
    if (this.#keptCount === MOST) throw new TooLarge(`more than ${MOST} promises kept at once`);
    let at = this.#keptCount;
    while (at > 0 && (this.#kept[(at - 1) * 3] as number) > actor) at -= 1;
    this.#kept.copyWithin((at + 1) * 3, at * 3, this.#keptCount * 3);
    this.#kept[at * 3] = actor;
    this.#kept[at * 3 + 1] = waiter;
    this.#kept[at * 3 + 2] = answer;
    this.#keptCount += 1;
  }

  /** Takes the promise of an actor that was kept first into `taken`. */
  takeKept(actor: number): boolean {
    for (let at = 0; at < this.#keptCount; at++) {
      if (this.#kept[at * 3] !== actor) continue;
      this.taken.waiter = this.#kept[at * 3 + 1] as number;
      this.taken.answer = this.#kept[at * 3 + 2] as number;
      this.#kept.copyWithin(at * 3, (at + 1) * 3, this.#keptCount * 3);
      this.#keptCount -= 1;
      return true;
    }
    return false;
  }

  /** Promises of waitAsync with a limit, which may pass. */
  eachLimitedAsync(use: (actor: number, waiter: number) => void): void {
    for (let at = 0; at < this.count; at++) {
      const waiter = this.#waiting[at * WIDTH + 1] as number;
      if (waiter < 0 || this.#waiting[at * WIDTH + 3] === 0) continue;
      use(this.#waiting[at * WIDTH] as number, waiter);
    }
  }

  save(into: Int32Array, from: number): number {
    let at = from;
    into[at++] = this.count | (this.#keptCount << 8);
    if (into[from] !== 0) {
      for (let index = 0; index < this.count * WIDTH; index++) {
        into[at++] = this.#waiting[index] as number;
      }
      for (let index = 0; index < this.#keptCount * 3; index++) {
        into[at++] = this.#kept[index] as number;
      }
    }
    for (let index = 0; index < this.#made.length; index++)
      into[at++] = this.#made[index] as number;
    return at;
  }

  load(saved: Int32Array, from: number): number {
    this.#isUsed = true;
    let at = from;
    const counts = saved[at++] as number;
    this.count = counts & 0xff;
    this.#keptCount = counts >> 8;
    for (let index = 0; index < this.count * WIDTH; index++) {
      this.#waiting[index] = saved[at++] as number;
    }
    for (let index = 0; index < this.#keptCount * 3; index++) {
      this.#kept[index] = saved[at++] as number;
    }
    for (let index = 0; index < this.#made.length; index++)
      this.#made[index] = saved[at++] as number;
    return at;
  }

  get limit(): number {
    return 1 + (WIDTH + 3) * MOST + this.#made.length;
  }
}
