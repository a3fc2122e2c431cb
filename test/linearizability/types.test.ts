import { expect, expectTypeOf, test } from 'vitest';
import { i32, u64 } from '../../lib/abi/index.ts';
import {
  type Linearizable,
  linearizable,
  oneOf,
  operation,
  sharedBuffer,
  type Wait,
} from '../../lib/linearizability/index.ts';

class Queue {
  readonly words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
  }

  push(value: number): boolean {
    return value === 0;
  }

  pop(): number | undefined {
    return this.words[0];
  }
}

test('arguments and the wait have their types, and the object the one that is written', () => {
  const made = linearizable({
    name: 'my/queue',
    create: (memory) => new Queue(memory),
    memory: sharedBuffer(4096),
    operations: {
      push: operation({
        args: [i32, u64, oneOf('a', 'b')],
        run: (queue: Queue, value, big, letter) => {
          expectTypeOf(value).toEqualTypeOf<number>();
          expectTypeOf(big).toEqualTypeOf<bigint>();
          expectTypeOf(letter).toEqualTypeOf<'a' | 'b'>();
          return queue.push(value);
        },
        threads: 1,
      }),
      pop: operation({ run: (queue) => queue.pop(), blocking: false }),
      take: operation({
        blocking: true,
        run: (queue, wait) => {
          expectTypeOf(wait).toEqualTypeOf<Wait>();
          return queue.pop() ?? wait.cancelled;
        },
      }),
    },
    model: () => ({
      items: [],
      push(value) {
        this.items.push(value);
        return true;
      },
      pop() {
        return this.items.shift();
      },
      take() {
        return this.items.shift();
      },
    }),
  });
  expectTypeOf(made).toEqualTypeOf<Linearizable>();
  expect([...made.structure.operations.keys()]).toEqual(['push', 'pop', 'take']);
});
