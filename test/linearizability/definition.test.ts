import { expect, test } from 'vitest';
import { i32 } from '../../lib/abi/index.ts';
import {
  generateProgram,
  linearizable,
  operation,
  parseProgram,
  programText,
  sharedBuffer,
  smallerPrograms,
} from '../../lib/linearizability/index.ts';
import { queueStructure } from './structures.ts';

const good = {
  name: 'test/one',
  create: () => ({}),
  memory: sharedBuffer(64),
  operations: { add: operation({ args: [i32], run: () => 1 }) },
  model: () => ({ count: 0, add: () => 1 }),
};

test.each([
  [{ operations: {} }, 'operations is empty'],
  [{ operations: { add: {} } }, 'operations.add is {}, expected operation({ run: … })'],
  [
    { operations: { add: operation({ args: [3 as never], run: () => 1 }) } },
    'operations.add.args[0] is 3',
  ],
  [{ operations: { add: operation({ run: () => 1, threads: 1 }) } }, 'work for one thread only'],
  [{ operations: { add: operation({ run: () => 1, threads: 0 }) } }, 'operations.add.threads is 0'],
  [{ model: undefined }, 'model is missing'],
  [{ model: () => ({ count: 0 }) }, 'model().add is undefined, expected a function'],
  [{ model: () => ({ add: () => 1 }) }, 'model() has no members that are data'],
  [{ memory: 64 }, 'its memory is 64, expected sharedBuffer(bytes)'],
  [{ create: 3 }, 'create is 3, expected a function'],
  [{ threads: [1, 3] }, 'threads is [ 1, 3 ], expected [least, most] within 2 to 4'],
  [{ calls: [1, 9] }, 'calls is [ 1, 9 ], expected [least, most] within 1 to 6'],
  [{ condition: 'fair' }, "its condition is 'fair', expected one of 'linearizable'"],
  [{ condition: 'at most once' }, 'needs an operation with `puts` and one with `takes`'],
  [{ minSamples: 0 }, 'minSamples is 0, expected an integer from 1'],
  [{ minPrograms: 1.5 }, 'minPrograms is 1.5, expected an integer from 1'],
  [{ needs: ['call'] }, "needs is [ 'call' ], expected a list of 'addon', 'calls'"],
  [{ needs: 'addon' }, "needs is 'addon', expected a list of 'addon', 'calls'"],
  [{ name: 'No Name' }, 'its name must be words in lower case'],
])('a mistake is named: %j', (part, message) => {
  expect(() => linearizable({ ...good, ...part } as never)).toThrow(message);
});

test('a program is the same for the same seed, and for its text', () => {
  const { structure } = queueStructure();
  const texts = new Set<string>();
  for (let index = 0; index < 200; index++) {
    const program = generateProgram(structure, 5, index);
    expect(generateProgram(structure, 5, index)).toEqual(program);
    expect(parseProgram(programText(program), structure)).toEqual(program);
    expect(program.threads.length).toBeGreaterThanOrEqual(2);
    texts.add(programText(program));
  }
  expect(texts.size).toBeGreaterThan(150);
});

test('an operation for one thread is called by one thread', () => {
  const { structure } = linearizable({
    ...good,
    operations: {
      push: operation({ args: [i32], run: () => 1, threads: 1 }),
      pop: operation({ run: () => 1, threads: 1 }),
    },
    model: () => ({ count: 0, push: () => 1, pop: () => 1 }),
  });
  for (let index = 0; index < 200; index++) {
    const { threads } = generateProgram(structure, 9, index);
    const names = threads.map((calls) => [...new Set(calls.map((one) => one.operation))]);
    expect(names.map((list) => list.length)).toEqual([1, 1]);
    expect(names.flat().sort()).toEqual(['pop', 'push']);
  }
});

test('smaller programs are smaller, each step', () => {
  const { structure } = queueStructure();
  const program = parseProgram('push(4), pop() | pop() | push(-3)', structure);
  const texts = [...smallerPrograms(program, structure)].map(programText);
  expect(texts.slice(0, 3)).toEqual([
    'push(-3) | pop()',
    'push(-3) | push(4), pop()',
    'push(4), pop() | pop()',
  ]);
  expect(texts).toContain('push(-3) | push(0), pop() | pop()');
  expect(texts).toContain('push(-1) | push(4), pop() | pop()');
});
