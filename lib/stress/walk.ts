import { types } from 'node:util';
import { mixSeed, random } from '../random.ts';
import { SAMPLE, threadWord } from './control.ts';
import type { ThreadView } from './grader.ts';

export type ActorRun = (state: unknown, result: unknown, local: unknown) => unknown;

/**
 * Runs the actor on the states of a stride, in the order that all threads share. They meet every
 * `sync` samples; 0: not before the end.
 */
export type Walk = (active: number, sync: number) => void | Promise<void>;

/** A random wait of up to so many looks, so that each sample begins with another skew. */
const MAX_SKEW = 31;

export function walkFor(view: ThreadView, run: ActorRun, meet: (sample: number) => void): Walk {
  const isAsync = types.isAsyncFunction(run);
  const from = isAsync ? asyncWalk(view, run) : syncWalk(view, run);
  const windows = isAsync
    ? asyncWindows(view, from, meet)
    : syncWindows(view, from as SyncPart, meet);
  return (active, sync) => (sync === 0 ? from(0, active) : windows(active, sync));
}

type Part = (from: number, to: number) => void | Promise<void>;
type SyncPart = (from: number, to: number) => void;

function syncWindows(view: ThreadView, walk: SyncPart, meet: (sample: number) => void): Walk {
  const skew = skewFor(view);
  return (active, sync) => {
    for (let from = 0; from < active; from += sync) {
      meet(from);
      skew();
      walk(from, Math.min(from + sync, active));
    }
  };
}

function asyncWindows(view: ThreadView, walk: Part, meet: (sample: number) => void): Walk {
  const skew = skewFor(view);
  return async (active, sync) => {
    for (let from = 0; from < active; from += sync) {
      meet(from);
      skew();
      await walk(from, Math.min(from + sync, active));
    }
  };
}

function skewFor({ plan }: ThreadView): () => void {
  const { memory, thread, seed } = plan;
  const next = random(mixSeed(seed, 'skew', thread));
  const words = new Int32Array(memory.control);
  const own = threadWord(thread) + SAMPLE;
  return () => {
    for (let skew = next() & MAX_SKEW; skew > 0; skew--) Atomics.load(words, own);
  };
}

function syncWalk({ plan, state, result, position, locals }: ThreadView, run: ActorRun): SyncPart {
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
