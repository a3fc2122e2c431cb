// The packed package in a user's own suite, in each way in which Vitest runs one.

import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { PackedProject } from './packed.ts';

const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const project = new PackedProject(['vitest']);
afterAll(() => project.remove());

project.write('vitest.config.mjs', `export default { test: { include: ['suite.ts'] } };`);
project.write(
  'counter.ts',
  `import { i32 } from 'syslets/abi';
import { acceptable, atomic, scenario } from 'syslets/scenario';
export default scenario({
  name: 'counter', description: 'two threads count', state: { x: atomic(i32) }, result: { sum: i32 },
  actors: { one(state) { state.x.add(1); }, two(state) { state.x.add(1); } },
  arbiter(state, result) { result.sum = state.x.load(); },
  outcomes: [acceptable('2', 'nothing is lost')],
});`,
);
project.write(
  'suite.ts',
  `import { expect, test } from 'vitest';
import { testScenario } from 'syslets/vitest';
import { Kernel } from 'syslets';
testScenario('real threads', new URL('./counter.ts', import.meta.url), { timeMs: 5000 });
testScenario('explored', new URL('./counter.ts', import.meta.url), { explore: true });
test('a call', () => {
  const kernel = Kernel.attach();
  expect(kernel.gettid()).toBeGreaterThan(0);
  kernel.detach();
});`,
);

test.each(['threads', 'forks', 'vmThreads', 'vmForks'])('pool %s', (pool) => {
  const { status, stdout, stderr } = project.node(VITEST, 'run', '--pool', pool, '--reporter=json');
  const { numPassedTests, numTotalTests } = JSON.parse(stdout || '{}') as Record<string, number>;
  expect({ status, stderr, numPassedTests, numTotalTests }).toEqual({
    status: 0,
    stderr: '',
    numPassedTests: 3,
    numTotalTests: 3,
  });
});
