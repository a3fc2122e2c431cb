import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { whyNoNative } from '../../lib/native.ts';
import { conclusive, LONG, stress } from './stress.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-actors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const why = whyNoNative();
beforeEach((context) => {
  if (why !== undefined) context.skip(why);
});

const C = `
#include <stdint.h>
struct state { int32_t x; int32_t y; _Alignas(64) int64_t far; };
void left(void *state, void *const result[])
{
	struct state *s = state;
	__atomic_store_n(&s->x, 1, __ATOMIC_RELAXED);
	*(int32_t *)result[0] = __atomic_load_n(&s->y, __ATOMIC_RELAXED);
	s->far = -5;
}
void endless(void *state, void *const result[])
{
	static int calls;
	(void)state, (void)result;
	if (calls++ == 300) for (;;) __asm__ volatile("");
}
`;

function scenarioText(library: string, symbol: string): string {
  return `
import { i32, i64 } from 'syslets/abi';
import { acceptable, cFunction, interesting, padded, scenario } from 'syslets/scenario';
export default scenario({
  name: 'fixture/c-${symbol}',
  description: 'A C function against JavaScript',
  timeoutMs: 400,
  minSamples: 100,
  state: { x: i32, y: i32, far: padded(i64) },
  result: { r1: i32, r2: i32, far: i64 },
  actors: {
    left: cFunction(${JSON.stringify(library)}, '${symbol}'),
    right(state, result) {
      state.y = 1;
      result.r2 = state.x;
    },
  },
  arbiter(state, result) {
    result.far = state.far;
  },
  outcomes: [acceptable(/^(0, 1|1, 0|1, 1), -5$/, 'in some order'), interesting('0, 0, -5', 'store buffers')],
});`;
}

/** A shared object, and a scenario that uses one of its functions. */
function fixtureFor(symbol: string, library = join(folder, 'actors.so')): string {
  const source = join(folder, 'actors.c');
  writeFileSync(source, C);
  execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', join(folder, 'actors.so'), source]);
  const file = join(folder, `${symbol}.ts`);
  writeFileSync(file, scenarioText(library, symbol));
  return file;
}

test.each(['sync=0,stride=1024', 'sync=1,stride=64,padding=packed,order=shuffled'])(
  'a C function of a shared object acts on the same memory: %s',
  (config) => {
    const { status, trial } = conclusive(
      ...[fixtureFor('left'), '--time', '4s', '--config', config],
    );
    expect(trial.detail).toBeUndefined();
    expect(status).toBe(0);
    expect(trial.samples).toBeGreaterThan(100);
  },
);

test('one that never ends is named, with its iteration', () => {
  const more = ['--time', LONG, '--config', 'placement=free', '--keep-going'];
  const { status, trial } = stress(fixtureFor('endless'), ...more);
  expect(status).toBe(1);
  expect(trial.detail).toMatchObject({ actor: 'left', iteration: 300 });
});

test.each([
  [
    'there is no such file',
    '/nowhere/actors.so',
    'left',
    /nowhere\/actors\.so: cannot open shared object/,
  ],
  ['there is no such function', undefined, 'missing', /undefined symbol: missing/],
])('%s', (_, library, symbol, message) => {
  const { status, trial } = stress(fixtureFor(symbol, library), '--time', LONG);
  expect(status).toBe(1);
  expect(trial.end).toBe('threw');
  expect(trial.detail?.message).toMatch(message);
});
