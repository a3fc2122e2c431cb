import { expect, test } from 'vitest';
import { type Random, random } from '../../lib/random.ts';
import { isValid, type NaiveAccess, naiveEvent, naiveOutcomes } from './naive.ts';
import { type Agent, allowed, type Final, type Memory } from './published.ts';

const PROGRAMS = 400;
/** Ways to choose a writer for each byte that is read; the naive way tries all of them. */
const MOST_READINGS = 3_000;

const below = (next: Random, limit: number): number => next() % limit;

function randomAccess(next: Random): NaiveAccess {
  const pick = below(next, 6);
  const what = pick < 3 ? 'load' : pick < 5 ? 'store' : 'exchange';
  const size = below(next, 3) === 0 ? 2 : 1;
  const isAtomic = what === 'exchange' || below(next, 2) === 0;
  const at = size === 2 ? 0 : below(next, 3);
  return { do: what, isAtomic, at, size, tears: !isAtomic && below(next, 3) === 0, byte: 0 };
}

/** A third of the writes have a byte of their own, which tells who read from whom; others are alike. */
function randomProgram(next: Random): { agents: NaiveAccess[][]; finals: NaiveAccess[] } {
  const count = 2 + below(next, 2);
  let byte = 1;
  const agents = Array.from({ length: count }, () =>
    Array.from({ length: 1 + below(next, count === 2 ? 3 : 2) }, () => {
      const access = randomAccess(next);
      if (access.do === 'load') return access;
      return { ...access, byte: [0, 1, ++byte][below(next, 3)] ?? 0 };
    }),
  );
  const isAtomic = below(next, 2) === 0;
  const final = { do: 'load', isAtomic, at: 0, size: 1, tears: false, byte: 0 } as const;
  return { agents, finals: below(next, 2) === 0 ? [final] : [] };
}

function readings({ agents, finals }: ReturnType<typeof randomProgram>): number {
  const all = [...agents.flat(), ...finals];
  const writers = all.filter(({ do: what }) => what !== 'load');
  const loads = all.filter(({ do: what }) => what !== 'store');
  return loads.reduce((product, { size }) => product * (1 + writers.length) ** size, 1);
}

function run(memory: Memory, { do: what, isAtomic, at, size, tears, byte }: NaiveAccess): number[] {
  const value = size === 2 ? byte * 0x101 : byte;
  if (what === 'exchange') return [memory.exchange(at, size, value)];
  if (what === 'load')
    return [isAtomic ? memory.atomicLoad(at, size) : memory.load(at, size, tears)];
  if (isAtomic) memory.atomicStore(at, size, value);
  else memory.store(at, size, value, tears);
  return [];
}

/** Outcomes as the naive way writes them: values byte by byte. */
function inBytes(text: string, sizes: readonly number[]): string {
  const values = text === '' ? [] : text.split(' ').map(Number);
  return values
    .map((value, index) => (sizes[index] === 2 ? `${value & 255}.${value >> 8}` : String(value)))
    .join(' ');
}

test(`two implementations of the axioms agree on ${PROGRAMS} random programs`, () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  let beyond = 0;
  for (let index = 0, made = 0; made < PROGRAMS; index++) {
    const program = randomProgram(random(seed ^ Math.imul(index + 1, 0x9e3779b1)));
    if (readings(program) > MOST_READINGS) continue;
    made += 1;
    const sizes = [...program.agents.flat(), ...program.finals]
      .filter(({ do: what }) => what !== 'store')
      .map(({ size }) => size);
    const agents = program.agents.map(
      (all): Agent =>
        (memory) =>
          all.flatMap((access) => run(memory, access)),
    );
    const final: Final = (memory) => program.finals.flatMap((one) => run(memory, one));
    const head = `seed ${seed}, program ${index}: ${JSON.stringify(program)}`;
    const naive = naiveOutcomes(program.agents, program.finals);
    const found = allowed(agents, final);
    for (const { outcomes, isComplete } of [found, allowed(agents, final, true)]) {
      expect(isComplete, head).toBe(true);
      expect(outcomes.map((text) => inBytes(text, sizes)).sort(), head).toEqual(naive);
    }
    if (found.by === 'axioms') beyond += 1;
  }
  expect(beyond).toBeGreaterThan(PROGRAMS / 4);
}, 300_000);

// The only test of Watt et al. that no outcome can show: it asks for the order of two writes of
// different ranges, which nobody ever sees.
test('Watt et al.: mixed/R_poll_pola is forbidden', () => {
  const atomic = { isAtomic: true, tears: false };
  const store = (at: number, size: number) =>
    ({ do: 'store', at, size, byte: 1, ...atomic }) as const;
  const init = naiveEvent({ ...store(0, 1), isAtomic: false, byte: 0 }, -1);
  const [a, b] = [naiveEvent(store(0, 1), 0), naiveEvent(store(4, 1), 0)];
  const c = naiveEvent(store(4, 2), 1);
  const d = naiveEvent({ do: 'load', at: 0, size: 1, byte: 0, ...atomic }, 1);
  const events = [init, a, b, c, d];
  const sources = new Map([[d, [init]]]);
  const isBFirst = (order: readonly number[]) => order.indexOf(2) < order.indexOf(3);
  expect(isValid(events, sources, 2)).toBe(true);
  expect(isValid(events, sources, 2, isBFirst)).toBe(false);
});
