import { types } from 'node:util';
import { mixSeed, random } from '../random.ts';
import type { Barrier } from './barrier.ts';
import { SAMPLE, threadWord } from './control.ts';
import type { ThreadView } from './grader.ts';

export type ActorRun = (state: unknown, result: unknown, local: unknown) => unknown;

/** Runs the actor on the states of a stride, in the order that all threads share. */
export type Walk = (active: number) => void | Promise<void>;

/** A random wait of up to so many looks, so that each sample begins with another skew. */
const MAX_SKEW = 31;

export function walkFor(view: ThreadView, run: ActorRun, barrier: Barrier): Walk {
  const from = types.isAsyncFunction(run) ? asyncWalk(view, run) : syncWalk(view, run);
  const { sync } = view.plan.config;
  if (sync === 0) return (active) => from(0, active);
  return inWindows(view, from, barrier);
}

type Part = (from: number, to: number) => void | Promise<void>;

/** Waits for the others every `sync` samples. */
function inWindows(view: ThreadView, walk: Part, barrier: Barrier): Walk {
  const { config, memory, seed, thread } = view.plan;
  const next = random(mixSeed(seed, 'skew', thread));
  const words = new Int32Array(memory.control);
  const own = threadWord(thread) + SAMPLE;
  return async (active) => {
    for (let from = 0; from < active; from += config.sync) {
      barrier.meet(from);
      for (let skew = next() & MAX_SKEW; skew > 0; skew--) Atomics.load(words, own);
      const pending = walk(from, Math.min(from + config.sync, active));
      if (pending) await pending;
    }
  };
}

function syncWalk({ plan, state, result, position, locals }: ThreadView, run: ActorRun): Part {
  const { memory, thread } = plan;
  const words = new Int32Array(memory.control);
  const order = new Uint32Array(memory.order);
  const own = threadWord(thread) + SAMPLE;
  const returned = returnedFor(plan.actor);
  return (from, to) => {
    for (let sample = from; sample < to; sample++) {
      const index = order[sample] as number;
      // a plain store: who looks for a stuck thread looks twice
      words[own] = sample;
      position.index = index;
      const value = run(state, result, locals === undefined ? undefined : locals[index]);
      if (value !== undefined) returned(value);
    }
  };
}

/** Of an actor that waits for promises: the event loop turns between its samples. */
function asyncWalk({ plan, state, result, position, locals }: ThreadView, run: ActorRun): Part {
  const { memory, thread } = plan;
  const words = new Int32Array(memory.control);
  const order = new Uint32Array(memory.order);
  const own = threadWord(thread) + SAMPLE;
  return async (from, to) => {
    for (let sample = from; sample < to; sample++) {
      const index = order[sample] as number;
      words[own] = sample;
      position.index = index;
      await run(state, result, locals?.[index]);
    }
  };
}

function returnedFor(actor: string): (value: unknown) => void {
  return (value) => {
    if (typeof (value as { then?: unknown } | null)?.then !== 'function') return;
    throw new TypeError(
      `actor ${actor} returned a promise: make it an async function, so that it is waited for`,
    );
  };
}
