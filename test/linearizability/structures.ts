import { i32 } from '../../lib/abi/index.ts';
import {
  blocked,
  type Linearizable,
  linearizable,
  oneOf,
  operation,
  sharedBuffer,
} from '../../lib/linearizability/index.ts';

const nothing = () => undefined;

/** Structures of tests that check histories: nothing runs their operations. */
export function queueStructure(
  condition: 'linearizable' | 'sequentially consistent' | 'quiescent consistent' = 'linearizable',
): Linearizable {
  return linearizable({
    name: 'test/queue',
    create: () => ({}),
    memory: sharedBuffer(64),
    condition,
    operations: {
      push: operation({ args: [i32], run: nothing }),
      pop: operation({ run: nothing }),
      take: operation({ run: nothing, blocking: true }),
      clear: operation({ run: nothing }),
    },
    model: queueModel,
  });
}

export function queueModel() {
  return {
    items: [] as number[],
    push(value: number) {
      this.items.push(value);
      return true;
    },
    pop() {
      return this.items.shift();
    },
    take() {
      return this.items.length === 0 ? blocked : this.items.shift();
    },
    clear() {
      if (this.items.length === 0) throw new RangeError('it is empty');
      this.items.length = 0;
    },
  };
}

/** Registers, checked one by one. */
export function registersStructure(isKeyed: boolean): Linearizable {
  const key = isKeyed ? { key: (name: number) => name } : {};
  return linearizable({
    name: 'test/registers',
    create: () => ({}),
    memory: sharedBuffer(64),
    operations: {
      write: operation({ args: [oneOf(1, 2, 3), oneOf(1, 2)], run: nothing, ...key }),
      read: operation({ args: [oneOf(1, 2, 3)], run: nothing, ...key }),
    },
    model: registersModel,
  });
}

export function registersModel() {
  return {
    values: [0, 0, 0, 0],
    write(name: number, value: number) {
      this.values[name] = value;
    },
    read(name: number) {
      return this.values[name];
    },
  };
}
