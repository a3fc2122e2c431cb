import { expect, test } from 'vitest';
import {
  Checker,
  generateProgram,
  type Linearizable,
  type Model,
  type Program,
  programText,
} from '../../lib/linearizability/index.ts';
import { mixSeed, random } from '../../lib/random.ts';
import { fitsByForce } from './brute-force.ts';
import { encoded, type Recorded, randomHistory } from './histories.ts';
import { queueModel, queueStructure, registersModel, registersStructure } from './structures.ts';

const SEED = Number(process.env.SYSLETS_TEST_SEED ?? Date.now() % 2 ** 32);
const ROUNDS = 1500;
/** Permutations of more calls than these take too long. */
const MOST_CALLS = 6;

interface Case {
  readonly name: string;
  readonly structure: Linearizable;
  readonly model: () => Model;
}

const cases: readonly Case[] = [
  { name: 'linearizable', structure: queueStructure(), model: queueModel },
  {
    name: 'sequentially consistent',
    structure: queueStructure('sequentially consistent'),
    model: queueModel,
  },
  {
    name: 'quiescent consistent',
    structure: queueStructure('quiescent consistent'),
    model: queueModel,
  },
  { name: 'registers as a whole', structure: registersStructure(false), model: registersModel },
  { name: 'registers by key', structure: registersStructure(true), model: registersModel },
];

// What decides is written twice: tables and bits here, permutations of running models there.
test.each(cases)('$name: both engines agree on random histories', ({ structure: it, model }) => {
  console.log(`SYSLETS_TEST_SEED=${SEED}`);
  const { condition } = it.structure;
  const checker = new Checker(it.structure);
  const seen = { true: 0, false: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const program = generateProgram(it.structure, SEED, round);
    if (program.threads.flat().length > MOST_CALLS) continue;
    const next = random(mixSeed(SEED, round));
    const history = randomHistory(program, model, next, next() % 3);
    const byForce = fitsByForce(program, history, condition, model);
    const verdict = checker.of(program).check(encoded(history, checker));
    seen[`${byForce}`] += 1;
    const wanted = byForce ? 'fits' : 'does not';
    // only what differs is worth its text: there are thousands
    if (verdict !== wanted) expect.fail(differenceText(program, history, verdict, wanted));
  }
  expect(seen.true).toBeGreaterThan(50);
  expect(seen.false).toBeGreaterThan(50);
});

test('what was made by taking effect once, between call and return, is linearizable', () => {
  const { structure } = queueStructure();
  const checker = new Checker(structure);
  const verdicts = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const program = generateProgram(structure, SEED, round);
    const next = random(mixSeed(SEED, 'true', round));
    const history = randomHistory(program, queueModel, next, 0);
    // one that waits where it need not is a fault of its own
    if (history.some(({ isPending }) => isPending)) continue;
    verdicts.add(checker.of(program).check(encoded(history, checker)));
  }
  expect([...verdicts]).toEqual(['fits']);
});

test('a search that is given up says so', () => {
  const { structure } = queueStructure();
  const checker = new Checker(structure);
  const push = { operation: 'push', args: [1] };
  const pop = { operation: 'pop', args: [] };
  const program = {
    threads: [
      [push, push],
      [pop, pop],
      [push, pop],
    ],
  };
  const history = program.threads.flat().map((call, end) => ({
    begin: 0,
    end,
    result: call === push ? true : 2,
  }));
  expect(checker.of(program).check(encoded(history, checker))).toBe('does not');
  expect(checker.of(program, 3).check(encoded(history, checker))).toBe('undecided');
});

function differenceText(
  program: Program,
  history: readonly Recorded[],
  verdict: string,
  wanted: string,
): string {
  return `${programText(program)} ${shown(history)}: the checker says '${verdict}', by force '${wanted}'`;
}

function shown(history: readonly Recorded[]): string {
  return history
    .map(
      ({ begin, end, result, isPending }) => `${begin}-${isPending ? '' : end} ${String(result)}`,
    )
    .join(', ');
}
