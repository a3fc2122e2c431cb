import { expect, type TestContext, test } from 'vitest';
import { bothWays, trial } from './trial.ts';

const NOBODY = '65534,65534,65534,65534';
const NO_CAPS = '0000000000000000';

function rootOnly({ skip }: TestContext): void {
  if (process.getuid?.() !== 0) skip('only root can drop credentials');
}

interface Dropped {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const DROPPED = [
  `Uid ${NOBODY}; Gid ${NOBODY}; Groups 65534; CapEff ${NO_CAPS}; CapPrm ${NO_CAPS}; NoNewPrivs 0`,
];

const WATCHERS = ['auto', 'sampler'] as const;

test.for(WATCHERS)(
  'setgroups, setgid and setuid between two calls, watcher %s',
  async (watcher, context) => {
    rootOnly(context);
    const [plain, carried] = await bothWays<Dropped>('credentials', 'dropBetween', { watcher });
    expect(plain.after).toEqual(DROPPED);
    expect(carried).toEqual(plain);
  },
);

test.for(WATCHERS)('setuid while calls are pending, watcher %s', async (watcher, context) => {
  rootOnly(context);
  const [plain, carried] = await bothWays('credentials', 'dropWhilePending', { watcher });
  expect(plain).toEqual({ after: DROPPED });
  expect(carried).toEqual({ after: DROPPED, adopted: true });
});

test('seteuid and setegid, down and up again', async (context) => {
  rootOnly(context);
  const [plain, carried] = await bothWays('credentials', 'partly');
  expect(carried).toEqual(plain);
});

// the workers hand over until it has returned: one that waited for them to stop would never do so
test('setuid by the main thread is seen by each worker at once', async (context) => {
  rootOnly(context);
  for (let i = 0; i < 3; i++) {
    const { wrong, said, me } = await trial<{
      wrong: number;
      said: { me: string; checks: number }[];
      me: string;
    }>('credentials', 'workersFollow');
    expect(wrong).toBe(0);
    expect(said.map((one) => one.me)).toEqual([DROPPED[0], DROPPED[0], DROPPED[0]]);
    expect(Math.min(...said.map(({ checks }) => checks))).toBeGreaterThan(5);
    expect(me).toBe(DROPPED[0]);
  }
});

test('a worker drops by a call through us: itself, and no other context', async (context) => {
  rootOnly(context);
  const { theirs, mine } = await trial<{ theirs: string[]; mine: string[] }>(
    'credentials',
    'oneContext',
  );
  expect(theirs).toHaveLength(1);
  expect(theirs[0]).toMatch(`0 Uid ${NOBODY}; Gid 0,0,0,0`);
  expect(theirs[0]).toMatch(`CapEff ${NO_CAPS}`);
  expect(mine).toHaveLength(1);
  expect(mine[0]).toMatch('Uid 0,0,0,0');
});

test('a change of the process holds over one that a worker made before', async (context) => {
  rootOnly(context);
  expect(await trial('credentials', 'contextThenProcess')).toEqual(['0:0']);
});

test('no_new_privs set through us follows the context', async () => {
  const { before, after } = await trial<Dropped>('credentials', 'noNewPrivs');
  expect(before.map((line) => line.slice(-12))).toEqual(['NoNewPrivs 0']);
  expect(after.map((line) => line.slice(-12))).toEqual(['NoNewPrivs 1']);
});

test('capabilities dropped through us follow the context', async (context) => {
  rootOnly(context);
  const seen = await trial<string[]>('credentials', 'dropCapabilities');
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatch('CapEff 0000000000000020; CapPrm 0000000000000020');
});

test('the bounding set dropped through us follows the context', async (context) => {
  rootOnly(context);
  expect(await trial('credentials', 'boundingSet')).toBe(1);
});

interface Race {
  readonly wrong: number;
  readonly checks: number;
  readonly medianMs: number;
  readonly worstMs: number;
}

test('1,000 changes while four contexts hand over: nobody runs with old ids', async (context) => {
  rootOnly(context);
  const options = { timeoutMs: 150_000 };
  const race = await trial<Race>('credentials', 'race', options);
  console.log('1,000 changes of effective ids, three workers:', JSON.stringify(race));
  expect(race.wrong).toBe(0);
  expect(race.checks).toBeGreaterThan(500);
});
