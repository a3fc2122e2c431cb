import { expect, test } from 'vitest';
import {
  cancelled,
  generateProgram,
  type Operation,
  oneOf,
  operation,
  type Program,
  programText,
  smallerPrograms,
  type Wait,
} from '../../lib/linearizability/index.ts';
import { bindCall } from '../../lib/stress/histories/calls.ts';
import { queueStructure } from './structures.ts';

const SEED = Number(process.env.SYSLETS_TEST_SEED ?? Date.now() % 2 ** 32);
const { structure } = queueStructure();
const NAMES = [...structure.operations.keys()];

const firstCalls = ({ threads }: Program) =>
  threads.map(([first]) => NAMES.indexOf(first?.operation as string));

test('threads stand in the order of the operations, in smaller programs too', () => {
  console.log(`SYSLETS_TEST_SEED=${SEED}`);
  for (let index = 0; index < 100; index++) {
    const program = generateProgram(structure, SEED, index);
    for (const one of [program, ...smallerPrograms(program, structure)]) {
      const ranks = firstCalls(one);
      expect(ranks, programText(one)).toEqual(ranks.toSorted((a, b) => a - b));
    }
  }
});

test('of two threads where one begins as the other does, the shorter is first', () => {
  const pop = { operation: 'pop', args: [] };
  const threads = [[pop, pop], [pop], [pop, { operation: 'clear', args: [] }]];
  const smaller = [...smallerPrograms({ threads }, structure)].map(programText);
  expect(smaller).toContain('pop() | pop(), clear()');
  expect(smaller).toContain('pop() | pop(), pop()');
});

test('no argument of an integer type is -0, which no memory keeps', () => {
  const numbers = (program: Program) =>
    program.threads.flat().flatMap(({ args }) => args as readonly number[]);
  const wrong: string[] = [];
  for (let index = 0; index < 1000; index++) {
    const program = generateProgram(structure, SEED, index);
    for (const one of [program, ...smallerPrograms(program, structure)]) {
      if (numbers(one).some((value) => Object.is(value, -0))) wrong.push(programText(one));
    }
  }
  expect(wrong).toEqual([]);
});

test('each run of a call has objects of its own among its arguments', () => {
  const pushes = operation({
    args: [oneOf<number[]>([1])],
    run: (_: unknown, list) => list.push(0),
  });
  const operations = new Map([['pushes', pushes as Operation<unknown>]]);
  const call = { operation: 'pushes', args: [[1]] };
  const wait: Wait = { timeoutMs: 0, isOver: () => true, cancelled };
  const run = bindCall({ ...structure, operations }, call, wait);
  expect([run({}), run({})]).toEqual([2, 2]);
  expect(call.args).toEqual([[1]]);
});
