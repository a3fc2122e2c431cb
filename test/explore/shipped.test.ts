import { expect, test } from 'vitest';
import { type Machines, StateGraph, scenarioProgram } from '../../lib/explore/index.ts';
import { discover } from '../../lib/stress/index.ts';

async function explored(name: string, machines: Machines) {
  const [found] = await discover([name]);
  if (!found) throw new Error(`there is no ${name}`);
  const graph = new StateGraph(scenarioProgram(found), machines);
  const isComplete = graph.search({ maxStates: 100_000 });
  const { ends, executions, states } = graph.result();
  const texts = ends.map(({ kind, text }) => (kind === 'outcome' ? text : kind)).sort();
  return { texts, executions, states, isComplete };
}

// Interleavings by hand: two accesses each are 4! / (2! 2!), and so on.
test.each([
  ['litmus/sb', 'sc', ['0, 1', '1, 0', '1, 1'], 6n],
  ['litmus/sb', 'tso', ['0, 0', '0, 1', '1, 0', '1, 1'], 80n],
  ['litmus/sb-atomics', 'tso', ['0, 1', '1, 0', '1, 1'], 6n],
  ['litmus/mp', 'tso', ['0, 0', '0, 1', '1, 1'], 30n],
  ['litmus/lb', 'tso', ['0, 0', '0, 1', '1, 0'], 20n],
  ['litmus/r', 'sc', ['1, 0', '1, 1', '2, 1'], 6n],
  ['litmus/r', 'tso', ['1, 0', '1, 1', '2, 0', '2, 1'], 140n],
  ['litmus/2-2w', 'tso', ['1, 2', '2, 1', '2, 2'], 280n],
  ['litmus/dataview-mixed', 'sc', ['0, 0', '0, 1', '1, 1'], 3n],
  ['litmus/tearing-i64', 'sc', ['-1', '0'], 2n],
  ['wait/hand-over', 'sc', ['1, 7', '2, 7'], 5n],
  ['wait/lost-wake-up', 'sc', ['0, 0', '1, 0', '1, 1'], 8n],
  ['wait/no-recheck', 'sc', ['0', '1'], 80n],
  ['wait/wait-async', 'sc', ['1, 1', '2, 1'], 4n],
  ['wait/semaphore', 'sc', ['0, 1, 0', '1, 0, 0'], 6n],
  ['wait/channel', 'tso', ['1, 2', '2, 1'], 38_584n],
  ['wait/seqlock', 'sc', ['0, 0', '1, 1'], 3_982n],
  ['wait/mutex', 'sc', ['3'], 1_626_282n],
] as const)('%s under %s', async (name, machines, texts, executions) => {
  const found = await explored(name, machines);
  expect(found).toMatchObject({ texts, executions, isComplete: true });
});
