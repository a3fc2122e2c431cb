import type { Scenario } from '../scenario/index.ts';
import {
  ACTING,
  AT_BARRIER,
  PAST_ALL,
  PHASE,
  SAMPLE,
  samplesBefore,
  threadWord,
  WAITING,
} from './control.ts';
import { cursorsOver } from './cursor.ts';
import { openLocals } from './locals.ts';
import { outcomeAt, registersOf } from './outcome-counter.ts';
import { type Sighting, Sightings } from './sightings.ts';
import { stateLayout } from './state-layout.ts';
import type { TrialMemory } from './trial-memory.ts';
import { arraysOver } from './value-source.ts';

const NOTHING = { counts: {}, seen: [] };

/**
 * Outcomes of the samples of a stride that all actors are done with, although the stride is not:
 * an actor hangs or has thrown in a later one. Nothing else touches that memory any more.
 */
export function unfinishedCounts(
  scenario: Scenario,
  memory: TrialMemory,
  threads: number,
): { readonly counts: Readonly<Record<string, number>>; readonly seen: readonly Sighting[] } {
  const done = samplesDone(new Int32Array(memory.control), threads, memory.stride);
  try {
    return done === 0 ? NOTHING : counted(scenario, memory, done);
  } catch {
    // the arbiter threw: what it was to see is not whole
    return NOTHING;
  }
}

function samplesDone(words: Int32Array, threads: number, stride: number): number {
  let done = PAST_ALL;
  for (let thread = 0; thread < threads; thread++) {
    const at = threadWord(thread);
    const phase = Atomics.load(words, at + PHASE);
    if (phase !== ACTING && phase !== WAITING && phase !== AT_BARRIER) return 0;
    done = Math.min(done, Atomics.load(words, at + SAMPLE));
  }
  return done > stride ? 0 : done;
}

function counted({ definition, rules }: Scenario, memory: TrialMemory, done: number) {
  // what `open` makes may take threads and files: then nothing is opened here
  if (definition.needs?.includes('addon')) return NOTHING;
  const layout = stateLayout(definition.state);
  const cursors = cursorsOver(layout, definition.result, memory);
  const locals = openLocals(definition, cursors, memory.stride);
  const registers = registersOf(definition.result, memory.registerOffsets);
  const arrays = arraysOver(memory.results);
  const counts = new Map<string, number>();
  const seen: Sighting[] = [];
  const before = samplesBefore(new Int32Array(memory.control));
  const sightings = new Sightings(rules, (one) => seen.push(one));
  for (const [sample, index] of new Uint32Array(memory.order, 0, done).entries()) {
    cursors.position.index = index;
    definition.arbiter?.(cursors.state, cursors.result, locals?.[index]);
    const outcome = outcomeAt(registers, arrays, index);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    sightings.see(outcome, before + sample + 1);
  }
  return { counts: Object.fromEntries(counts), seen };
}
