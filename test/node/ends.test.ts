import { expect, test } from 'vitest';
import { type Outcome, run, trial } from './trial.ts';

// The calls that are pending here never end by themselves: what waited for them would hang, and the
// trial's limit would say so. What ends otherwise than it should has another exit code.

const LONG = 120_000;

interface Terminated {
  readonly ended: number;
  readonly contexts: number;
}

test.each([
  ['with calls pending, idle', 'terminateIdle'],
  ['with calls pending, in a loop', 'terminateSpin'],
  ['with calls pending, handing over', 'terminateHandOvers'],
  ['with calls pending, in ringWait', 'terminateRingWait'],
])(
  'terminate() of a worker %s',
  async (_, name) => {
    const { ended, contexts } = await trial<Terminated>('ends', name, { timeoutMs: LONG });
    expect(ended).toBe(30);
    expect(contexts).toBe(0);
  },
  LONG + 5000,
);

test.each([
  ['by itself', 'workerEnds', [0]],
  ['by process.exit', 'workerExits', [7]],
  ['by an uncaught exception', 'workerThrows', ['thrown by the worker']],
] as const)(
  'a worker with calls pending ends %s',
  async (_, name, how) => {
    expect(await trial('ends', name, { timeoutMs: LONG })).toEqual({ how, contexts: 0 });
  },
  LONG + 5000,
);

test('a worker detaches: its calls are interrupted, and it is at home', async () => {
  expect(await trial('ends', 'workerDetaches')).toEqual({ interrupted: 2, home: true, code: 0 });
});

function expectEnd(outcome: Outcome, code: number): void {
  expect(outcome, `${outcome.stderr}\n${outcome.hung}`).toMatchObject({ code, hung: undefined });
}

test.each([
  ['process.exit', 'processExit', 3],
  ['an uncaught exception', 'uncaught', 1],
  ['an unhandled rejection', 'unhandledRejection', 1],
  ['its natural end', 'naturalEnd', 0],
  ['its natural end, with workers', 'naturalEndWithWorkers', 0],
  ["process.exit on a worker's message", 'exitFromWorkerMessage', 5],
] as const)('a process with calls pending ends by %s', async (_, name, code) => {
  for (let i = 0; i < 5; i++) expectEnd(await run('ends', name), code);
});

test("listeners of 'exit' run", async () => {
  const outcome = await run('ends', 'exitListeners');
  expectEnd(outcome, 0);
  expect(outcome.stdout).toContain('exit listener');
});
