// A queue of one producer and one consumer over shared memory, against its sequential model.
//
//   syslets stress examples/queue.linear.ts --time 5s
//
// Try `threads: 2` for `pop`: the queue is not made for that, and the table shows why.
import { i32 } from 'syslets/abi';
import { linearizable, operation, sharedBuffer } from 'syslets/linearizability';

const CAPACITY = 3;
const HEAD = 0;
const TAIL = 1;
const SLOTS = 2;

class Queue {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  push(value: number): boolean {
    const tail = Atomics.load(this.#words, TAIL);
    if (tail - Atomics.load(this.#words, HEAD) === CAPACITY) return false;
    this.#words[SLOTS + (tail % CAPACITY)] = value;
    // the value before the tail that covers it
    Atomics.store(this.#words, TAIL, tail + 1);
    return true;
  }

  pop(): number | undefined {
    const head = Atomics.load(this.#words, HEAD);
    if (head === Atomics.load(this.#words, TAIL)) return undefined;
    const value = this.#words[SLOTS + (head % CAPACITY)];
    // the value is read before its place is given back
    Atomics.store(this.#words, HEAD, head + 1);
    return value;
  }
}

export default linearizable({
  name: 'example/queue',
  description: 'A queue of one producer and one consumer',
  create: (memory) => new Queue(memory),
  memory: sharedBuffer(64),
  operations: {
    push: operation({ args: [i32], run: (queue: Queue, value) => queue.push(value), threads: 1 }),
    pop: operation({ run: (queue: Queue) => queue.pop(), threads: 1 }),
  },
  model: () => ({
    items: [],
    push(value) {
      if (this.items.length === CAPACITY) return false;
      this.items.push(value);
      return true;
    },
    pop() {
      return this.items.shift();
    },
  }),
});
