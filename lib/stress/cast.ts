import type { AnyDefinition } from '../scenario/scenario.ts';
import { stateLayout } from './state-layout.ts';
import type { Pipe } from './syslet-actor.ts';
import { valueSource } from './value-source.ts';

/** States of a scenario that needs an object of its own for each. */
const MAX_OBJECTS = 1024;
const MAX_BUFFERS = 256;
const MAX_STATE_BYTES = 2 ** 28;

/** Threads of a trial, those that run JavaScript first: thread 0 leads. */
export interface Cast {
  readonly scripted: readonly string[];
  readonly native: readonly string[];
}

export function castOf(definition: AnyDefinition): Cast {
  const names = Object.keys(definition.actors);
  const isNative = (name: string) => kindOf(definition, name) === 'c-function';
  const scripted = names.filter((name) => !isNative(name));
  // somebody has to lead and to grade
  return { scripted: scripted.length > 0 ? scripted : [''], native: names.filter(isNative) };
}

function kindOf(definition: AnyDefinition, name: string): string | undefined {
  return (definition.actors[name] as { kind?: string }).kind;
}

/** A pipe for each ring that blockers block for. */
export async function pipesOf({ actors }: AnyDefinition): Promise<Record<string, Pipe>> {
  const rings = Object.values(actors).flatMap((actor) =>
    typeof actor !== 'function' && actor.kind === 'blocker' ? [actor.ring] : [],
  );
  if (rings.length === 0) return {};
  // only where it is needed: the kernel side takes its time to load
  const { makePipe } = await import('./syslet-actor.ts');
  return Object.fromEntries([...new Set(rings)].map((ring) => [ring, makePipe()]));
}

/** Longest stride that the scenario's state allows. */
export function strideFor(definition: AnyDefinition, wanted: number): number {
  const layout = stateLayout(definition.state);
  const hasViews = layout.fields.some(({ type }) => !valueSource(type));
  const objects = hasViews || definition.open ? MAX_OBJECTS : wanted;
  const buffers = layout.buffers.length > 0 ? MAX_BUFFERS : wanted;
  const bytes = Math.max(1, Math.floor(MAX_STATE_BYTES / Math.max(layout.size, 64)));
  return Math.min(wanted, objects, buffers, bytes);
}
