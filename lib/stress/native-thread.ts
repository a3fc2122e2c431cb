import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { native } from '../native.ts';
import type { TrialConfig } from '../report/result.ts';
import type { CFunctionActor } from '../scenario/index.ts';
import type { AnyDefinition } from '../scenario/scenario.ts';
import { looksFor } from './barrier.ts';
import { registersOf } from './outcome-counter.ts';
import type { Place } from './placement.ts';
import type { TrialMemory } from './trial-memory.ts';

export interface NativeThread {
  readonly definition: AnyDefinition;
  readonly memory: TrialMemory;
  readonly config: TrialConfig;
  readonly actor: string;
  readonly thread: number;
  readonly threads: number;
  readonly place: Place;
}

/** Starts the thread of a C function; its number for the OS, where that can be told. */
export function startNative(one: NativeThread): number | undefined {
  const { definition, memory, config, actor, thread, threads, place } = one;
  const { library, symbol } = definition.actors[actor] as CFunctionActor;
  const registers = registersOf(definition.result, memory.registerOffsets);
  const places = registers.flatMap(({ source }, index) => [
    memory.registerOffsets[index] ?? 0,
    1 << source.shift,
  ]);
  const path = library.startsWith('file:') ? fileURLToPath(library) : library;
  const before = new Set(tasks());
  native().startActor(
    path,
    symbol,
    new Int32Array(memory.control),
    new Uint32Array(memory.order),
    new Uint8Array(memory.state),
    new Uint8Array(memory.results),
    Int32Array.from(place.cpus),
    Int32Array.of(memory.step, thread, threads, looksFor(place.isCrowded), config.sync, ...places),
  );
  // others may begin at the same moment: then it is not known
  const fresh = tasks().filter((tid) => !before.has(tid));
  return fresh.length === 1 ? fresh[0] : undefined;
}

function tasks(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [];
  }
}
