// A hang is told when it is known, not once the debugger has given up on a thread in a native call.
import { expect, test } from 'vitest';
import type { StressEvent } from '../../lib/stress/index.ts';
import { fixture } from './stress.ts';

// it starts hosts beside its own file
const dist = new URL('../../dist/stress/index.js', import.meta.url).href;
const { discover, DEFAULT_CONFIG, runStress } = (await import(
  dist
)) as typeof import('../../lib/stress/index.ts');

test('a hang is told before the stacks are taken, and told again with them', async () => {
  const told: StressEvent[] = [];
  await runStress(await discover([fixture('hangs.ts')]), {
    tool: 'test',
    timeMs: 40_000,
    seed: 1,
    config: { ...DEFAULT_CONFIG, stride: 64 },
    onEvent: (event) => told.push(event),
  });
  const fails = told.filter((event) => event.kind === 'fails');
  expect(fails.length).toBe(1);
  expect(told.indexOf(fails[0] as StressEvent)).toBeLessThan(
    told.findIndex(({ kind }) => kind === 'session'),
  );
  expect(fails[0]?.report.end).toBe('hung');
  expect(fails[0]?.report.detail?.stack).toBeUndefined();
  const session = told.find((event) => event.kind === 'session');
  expect(session?.report).toMatchObject({ end: 'hung', detail: { actor: 'endless' } });
  expect(session?.report.detail?.stack).toMatch(/at endless/);
}, 60_000);
