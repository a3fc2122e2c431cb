import { afterEach, expect, test, vi } from 'vitest';
import { newTally } from '../../lib/loop/counters.ts';
import { checkOptions } from '../../lib/loop/options.ts';
import { Queue } from '../../lib/loop/queue.ts';
import type { Slot } from '../../lib/loop/slot.ts';
import { type How, Stall } from '../../lib/loop/stall.ts';
import type { Starter } from '../../lib/loop/starter.ts';
import { type Random, random } from '../../lib/random.ts';

// No thread can be had, on a simulated clock: new calls arrive all the time, and no older one is left out.

const MOMENT_MS = 8;
const CALL_MS = 0.02;
/** To ask for the time takes time, too. */
const ASK_MS = 0.00005;
const LONGEST_MS = 64;

/**
 * `ends`: does not block. `holds`: needs a moment, in which it does not end. `limited`: likewise, and
 * its limit begins with the first look. `looked`: can be looked at.
 */
const KINDS = ['ends', 'holds', 'limited', 'looked'] as const;
type Kind = (typeof KINDS)[number];

interface Call {
  readonly kind: Kind;
  /** Looks at it before it is over, and those that it had. */
  readonly needs: number;
  readonly from: number;
  /** Milliseconds that each try of it takes. */
  readonly costs: number;
  looks: number;
  moments: number;
  goesOn: boolean;
  looked: boolean;
  hadMoment: boolean;
}

afterEach(() => vi.unstubAllGlobals());

class Machine {
  now = 1000;
  readonly queue = new Queue();
  readonly stall: Stall;
  /** One that takes the next call. */
  hasTask = false;
  #isShort = true;

  constructor() {
    vi.stubGlobal('performance', { now: () => (this.now += ASK_MS) });
    const isShort = () => this.#isShort;
    const hasTask = () => this.hasTask;
    this.stall = new Stall({
      queue: this.queue,
      starter: {
        get isShort() {
          return isShort();
        },
        hasTask,
      } as Starter,
      tally: newTally(),
      settings: checkOptions({ maxTasks: 16 }),
      free: () => 10,
      start: (slot, how) => this.#start(slot as unknown as Call, how),
      interrupt: () => expect.unreachable(),
    });
  }

  arrives(kind: Kind, needs = Number.POSITIVE_INFINITY, costs = CALL_MS): Call {
    const goesOn = kind === 'limited'; // its limit has begun, since it could not be made at once
    const state = { looks: 0, moments: 0, goesOn, looked: false, hadMoment: false };
    const call: Call = { kind, needs, from: this.now, costs, ...state };
    this.queue.push(call as unknown as Slot);
    this.stall.watch();
    return call;
  }

  /** So much time passes, and the timer's ticks with it. */
  pass(ms: number): void {
    const end = this.now + ms;
    while (this.now < end) {
      this.now += 0.5;
      this.stall.look();
    }
  }

  /** As Loop makes one of the queue: false, it has to wait on. */
  #start(call: Call | undefined, how: How): boolean {
    if (call === undefined) return false;
    if (this.hasTask) {
      this.hasTask = this.#isShort = false;
      this.queue.takeOut(call as unknown as Slot);
      return true;
    }
    this.#isShort = true;
    this.now += call.costs;
    if (call.kind === 'looked') call.looked = call.goesOn = true;
    if (how !== 'may hold') call.looks++;
    else if (call.kind === 'holds' || call.kind === 'limited') {
      this.now += MOMENT_MS;
      call.moments++;
      call.hadMoment = call.goesOn = true;
    }
    const isOver = call.kind === 'ends' ? how === 'may hold' : call.looks >= call.needs;
    if (isOver) this.queue.takeOut(call as unknown as Slot);
    return isOver;
  }
}

const oneOf = <T>(from: readonly T[], next: Random): T => from[next() % from.length] as T;

/** New calls, one each `everyMs`, for so long. */
function flow(machine: Machine, kinds: readonly Kind[], everyMs: number, ms: number, next: Random) {
  for (const end = machine.now + ms; machine.now < end; machine.pass(everyMs)) {
    machine.arrives(oneOf(kinds, next), 1 + (next() % 3));
  }
}

test.each(['holds', 'limited'] as const)(
  'a call of kind %s has its moments, whatever arrives',
  (kind) => {
    const machine = new Machine();
    const older = [machine.arrives(kind), machine.arrives(kind), machine.arrives(kind)];
    for (let i = 0; i < 2000; i++, machine.pass(10)) machine.arrives('holds');
    for (const { moments } of older) expect(moments).toBeGreaterThan(2);
    machine.stall.stop();
  },
);

test('a call whose limit has begun has its first moment before others have their second', () => {
  const machine = new Machine();
  const older = [machine.arrives('holds'), machine.arrives('holds'), machine.arrives('holds')];
  machine.pass(2000);
  const limited = machine.arrives('limited');
  const before = older.map(({ moments }) => moments);
  while (limited.moments === 0) machine.pass(1);
  const since = older.map(({ moments }, i) => moments - (before[i] as number));
  expect(since.reduce((sum, moments) => sum + moments)).toBeLessThan(older.length);
  machine.stall.stop();
});

test('a call that arrives puts no tick off', () => {
  const machine = new Machine();
  for (let i = 0; i < 300; i++) machine.arrives('looked');
  machine.pass(100);
  const older = machine.arrives('ends');
  flow(machine, ['looked'], 1, 2000, random(2));
  expect(machine.queue.has(older as unknown as Slot)).toBe(false);
  machine.stall.stop();
});

test('a moment is given behind as many calls as there may be that are looked at', () => {
  const machine = new Machine();
  for (let i = 0; i < 60_000; i++) machine.arrives('looked').looked = true;
  machine.pass(1000);
  const older = machine.arrives('holds');
  machine.pass(1000);
  expect(older.moments).toBeGreaterThan(0);
  machine.stall.stop();
});

test('a round of looks ends, though as many calls arrive as are looked at', () => {
  const machine = new Machine();
  const older = Array.from({ length: 3 }, () => machine.arrives('looked'));
  for (let i = 0; i < 400; i++) machine.arrives('looked', 2);
  machine.pass(20);
  const before = older.map(({ looks }) => looks);
  for (let tick = 0; tick < 500; tick++) {
    while (machine.queue.length < 400) machine.arrives('looked', 1);
    machine.pass(10);
  }
  for (const [i, { looks }] of older.entries())
    expect(looks - (before[i] as number)).toBeGreaterThan(2);
  machine.stall.stop();
});

test.each([1, 5, 20])(
  'looks that take %i ms each take a tenth of the time, also at reaps',
  (costs) => {
    const machine = new Machine();
    const call = machine.arrives('looked', Number.POSITIVE_INFINITY, costs);
    const first = machine.now;
    for (let i = 0; i < 20_000; i++, machine.pass(0.5)) machine.stall.drain();
    const share = (call.looks * costs) / (machine.now - first);
    expect(share).toBeLessThan(0.2); // of the two kinds of looks each has a tenth
    expect(share).toBeGreaterThan(0.05);
    machine.stall.stop();
  },
);

test.each([
  ['a tick', (machine: Machine) => machine.pass(LONGEST_MS + 1)],
  ['a reap', (machine: Machine) => machine.stall.drain()],
])('a task that is free at %s has a call, though looks rest', (_, come) => {
  const machine = new Machine();
  const calls = Array.from({ length: 3 }, () => machine.arrives('looked', Infinity, LONGEST_MS));
  machine.pass(1000);
  machine.stall.drain(); // by now looks at reaps rest as well
  const looks = () => calls.reduce((sum, call) => sum + call.looks, 0);
  const before = looks();
  machine.hasTask = true;
  come(machine);
  expect(machine.queue.length).toBe(2);
  expect(looks()).toBeLessThanOrEqual(before + 1);
  machine.stall.stop();
});

test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'mixed calls, seed %i: each gets what it needs',
  (seed) => {
    const next = random(seed);
    const machine = new Machine();
    const older = Array.from({ length: 1 + (next() % 12) }, () =>
      machine.arrives(oneOf(KINDS, next)),
    );
    const kinds = KINDS.filter(() => next() % 2 === 0);
    flow(machine, kinds.length > 0 ? kinds : KINDS, 20 + (next() % 100), 10_000, next);
    for (const { kind, looks, moments, from } of older) {
      const needs = kind === 'looked' ? looks : moments;
      // each waits for those that were before it, a moment of its own kind and one of the other
      const most = older.length * 2 * (2 * LONGEST_MS + 2 * MOMENT_MS);
      const least = Math.floor((machine.now - from) / most) - 1;
      if (kind !== 'ends') expect(needs).toBeGreaterThanOrEqual(Math.max(1, least));
    }
    for (const one of older) {
      if (one.kind === 'ends') expect(machine.queue.has(one as unknown as Slot)).toBe(false);
    }
    machine.stall.stop();
  },
);
