import { expect, test } from 'vitest';
import { type Machines, StateGraph } from '../../lib/explore/index.ts';
import { modelOf } from '../../lib/explore/model/model.ts';
import { programOf } from '../memory-model/published.ts';
import { type X86Test, x86Tests } from './x86-tests.ts';

function verdict({ agents, final, outcome }: X86Test, machines: Machines) {
  const graph = new StateGraph(programOf(agents, final), machines);
  expect(graph.search({ maxStates: 200_000 })).toBe(true);
  const texts = graph.result().ends.map(({ text }) => text);
  return texts.includes(outcome) ? 'allowed' : 'forbidden';
}

test('there are 30 published shapes and more', () => {
  expect(x86Tests.length).toBeGreaterThanOrEqual(30);
});

test.each(x86Tests)('$name: $tso on x86, forbidden where all is in one order', (shape) => {
  expect(verdict(shape, 'tso')).toBe(shape.tso);
  expect(verdict(shape, 'sc')).toBe('forbidden');
});

test.each(x86Tests.filter(({ tso }) => tso === 'allowed'))(
  '$name: what x86 shows the memory model allows',
  ({ agents, final, outcome }) => {
    const { ends } = modelOf(programOf(agents, final), { maxStates: 200_000 });
    expect(ends.map(({ text }) => text)).toContain(outcome);
  },
);
