import { Op } from '../access.ts';
import type { Machines } from '../program.ts';
import { combined, type LittleProgram, type Spot, type Statement } from './little-program.ts';

/** How often each end was reached, by all interleavings one after the other. */
export interface BruteResult {
  readonly ends: ReadonlyMap<string, number>;
  readonly executions: number;
}

interface Actor {
  at: number;
  registers: bigint[];
  state: 'runs' | 'sleeps' | 'threw';
  buffer: { spot: Spot; value: bigint }[];
  /** In a loop over two places: which one it looks at, and how many writes there were before. */
  phase: 0 | 1;
  seen: number;
  /** It has looked at both in vain, and nobody has written since it began to look. */
  rests: boolean;
}

interface World {
  memory: bigint[];
  /** Writes to memory so far. */
  writes: number;
  actors: Actor[];
  /** Who waits, in the order in which they came. */
  waiting: { actor: number; at: number }[];
}

/** Too many interleavings to try them one by one. */
export class TooMany extends Error {}

/**
 * Every interleaving of a random program, each one made from its beginning to its end: no trees, no
 * states that are known again, no tables. It shares nothing with the explorer but the statements.
 * A loop that waits for a value is one load that comes when the value is another.
 */
export function bruteForce(little: LittleProgram, machines: Machines, most: number): BruteResult {
  const ends = new Map<string, number>();
  let executions = 0;
  const walk = (world: World): void => {
    const moves = movesOf(little, world, machines);
    if (moves.length === 0) {
      executions += 1;
      if (executions > most) throw new TooMany();
      const text = endText(little, world);
      ends.set(text, (ends.get(text) ?? 0) + 1);
    }
    for (const move of moves) {
      const copy = structured(world);
      move(copy);
      walk(copy);
    }
  };
  const start: World = {
    memory: Array.from({ length: little.bytes }, () => 0n),
    writes: 0,
    actors: little.actors.map(() => ({
      at: 0,
      registers: new Array<bigint>(little.registers).fill(0n),
      state: 'runs',
      buffer: [],
      phase: 0,
      seen: 0,
      rests: false,
    })),
    waiting: [],
  };
  for (const index of little.actors.keys()) advance(little, start, index);
  walk(start);
  return { ends, executions };
}

function structured({ memory, actors, waiting, writes }: World): World {
  return {
    memory: [...memory],
    writes,
    actors: actors.map((one) => ({
      ...one,
      registers: [...one.registers],
      buffer: [...one.buffer],
    })),
    waiting: [...waiting],
  };
}

/** Over what is no access: to the next one, to the end or to the error. */
function advance(little: LittleProgram, world: World, index: number): void {
  const actor = world.actors[index] as Actor;
  const statements = little.actors[index] as readonly Statement[];
  for (;;) {
    const next = statements[actor.at];
    if (next?.do === 'throw') actor.state = 'threw';
    if (next?.do !== 'skip') return;
    actor.at += actor.registers[next.reg] === next.equals ? 1 + next.count : 1;
  }
}

type Move = (world: World) => void;

function movesOf(little: LittleProgram, world: World, machines: Machines): Move[] {
  const moves: Move[] = [];
  for (const [index, actor] of world.actors.entries()) {
    const statement = little.actors[index]?.[actor.at];
    if (actor.state === 'runs' && statement && statement.do !== 'throw') {
      if (isReady(world, actor, statement as Reaching)) {
        moves.push((copy) => make(little, copy, index, statement as Reaching, machines));
      }
    }
    if (actor.state === 'sleeps' && statement?.do === 'wait' && statement.isLimited) {
      moves.push((copy) => {
        copy.waiting = copy.waiting.filter((one) => one.actor !== index);
        wake(little, copy, index, 2n);
      });
    }
    if (actor.buffer.length > 0) {
      moves.push((copy) => {
        const oldest = (copy.actors[index] as Actor).buffer.shift();
        if (oldest) write(copy, oldest.spot, oldest.value);
      });
    }
  }
  return moves;
}

type Reaching = Exclude<Statement, { do: 'throw' | 'skip' }>;

function isReady(world: World, actor: Actor, one: Reaching): boolean {
  if (one.do === 'await-two') return !actor.rests;
  if (one.do === 'await') return seen(world, actor, one) !== one.value;
  if (one.do === 'load' || (one.do === 'store' && !one.isAtomic)) return true;
  return actor.buffer.length === 0;
}

function make(
  little: LittleProgram,
  world: World,
  index: number,
  one: Reaching,
  machines: Machines,
): void {
  const actor = world.actors[index] as Actor;
  switch (one.do) {
    case 'load':
      actor.registers[one.reg] = seen(world, actor, one);
      break;
    case 'store': {
      const more = one.from < 0 ? 0n : (actor.registers[one.from] as bigint);
      const value = BigInt.asUintN(one.size * 8, one.value + more);
      if (machines === 'tso' && !one.isAtomic) actor.buffer.push({ spot: one, value });
      else write(world, one, value);
      break;
    }
    case 'modify': {
      const old = seen(world, actor, one);
      actor.registers[one.reg] = old;
      const expected = BigInt.asUintN(one.size * 8, one.expected);
      if (one.op !== Op.compareExchange || old === expected) {
        write(world, one, combined(one.op, one.size, old, one.value));
      }
      break;
    }
    case 'wait':
      if (seen(world, actor, one) === one.expected) {
        actor.state = 'sleeps';
        world.waiting.push({ actor: index, at: one.at });
        return;
      }
      actor.registers[one.reg] = 1n;
      break;
    case 'notify': {
      const told = world.waiting.filter(({ at }) => at === one.at);
      const chosen = one.most < 0 ? told : told.slice(0, one.most);
      world.waiting = world.waiting.filter((waiter) => !chosen.includes(waiter));
      for (const waiter of chosen) wake(little, world, waiter.actor, 0n);
      actor.registers[one.reg] = BigInt(chosen.length);
      break;
    }
    case 'await-two':
      if (!lookAgain(world, actor, one)) break;
      return;
    default:
  }
  actor.at += 1;
  advance(little, world, index);
}

/** One look; whether the loop goes on. */
function lookAgain(world: World, actor: Actor, one: Extract<Statement, { do: 'await-two' }>) {
  if (actor.phase === 0) actor.seen = world.writes;
  const isSame = seen(world, actor, actor.phase === 0 ? one : one.other) === one.value;
  if (isSame && actor.phase === 1) actor.rests = actor.seen === world.writes;
  actor.phase = isSame && actor.phase === 0 ? 1 : 0;
  return isSame;
}

/** Whoever rests looks again after any write. */
function write(world: World, spot: Spot, value: bigint): void {
  put(world.memory, spot, value);
  world.writes += 1;
  for (const actor of world.actors) actor.rests = false;
}

function wake(little: LittleProgram, world: World, index: number, answer: bigint): void {
  const actor = world.actors[index] as Actor;
  const one = little.actors[index]?.[actor.at];
  if (one?.do === 'wait') actor.registers[one.reg] = answer;
  actor.state = 'runs';
  actor.at += 1;
  advance(little, world, index);
}

function seen({ memory }: World, actor: Actor, spot: Spot): bigint {
  const bytes = [...memory];
  for (const { spot: stored, value } of actor.buffer) put(bytes, stored, value);
  return bytes
    .slice(spot.at, spot.at + spot.size)
    .reduceRight((value, byte) => (value << 8n) | byte, 0n);
}

function put(memory: bigint[], { at, size }: Spot, value: bigint): void {
  for (let byte = 0; byte < size; byte++) memory[at + byte] = (value >> BigInt(8 * byte)) & 255n;
}

function endText(little: LittleProgram, world: World): string {
  const { actors } = world;
  const thrower = actors.findIndex(({ state }) => state === 'threw');
  if (thrower >= 0) return `threw a${thrower}`;
  const stuck = actors.flatMap((actor, index) =>
    actor.at < (little.actors[index] as readonly Statement[]).length ? [index] : [],
  );
  if (stuck.length > 0) {
    const isLoop = stuck.some((index) => (actors[index] as Actor).state === 'runs');
    return `${isLoop ? 'livelock' : 'deadlock'} ${stuck.join(' ')}`;
  }
  const registers = actors.map((actor) => actor.registers.map(String).join(' '));
  return `${registers.join('; ')} | ${world.memory.join(' ')}`;
}
