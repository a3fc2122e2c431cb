import { own, shown } from '../check.ts';
import type { NativeActor } from './actor.ts';
import { type Fail, recordOf } from './check-record.ts';
import type { AnyDefinition } from './scenario.ts';

const MIN_ACTORS = 2;
const MAX_ACTORS = 8;
const KINDS = ['c-function', 'completer', 'blocker', 'signaller', 'operations'];

/** Throws unless there are two to eight actors that can run. */
export function checkActors(definition: AnyDefinition, fail: Fail): void {
  const named = recordOf('actors', definition.actors, fail);
  if (named.length < MIN_ACTORS || named.length > MAX_ACTORS) {
    fail(`it has ${named.length} actors, expected ${MIN_ACTORS} to ${MAX_ACTORS}`);
  }
  for (const [name, actor] of named) {
    if (typeof actor === 'function') continue;
    const { kind = '' } = (actor ?? {}) as { kind?: string };
    if (!KINDS.includes(kind)) {
      fail(`actor ${name} is ${shown(actor)}, expected a function or a native actor`);
    }
    checkNative(name, actor as NativeActor, definition, fail);
  }
}

function checkNative(name: string, actor: NativeActor, definition: AnyDefinition, fail: Fail) {
  if (actor.kind === 'operations') return;
  if (actor.kind === 'c-function') {
    if (actor.library !== '' && actor.symbol !== '') return;
    fail(`actor ${name}: expected a shared object and the name of a function in it`);
  }
  if (own(definition.state, actor.ring)?.kind !== 'buffer-state') {
    fail(`actor ${name}: its ring is ${shown(actor.ring)}, expected a sharedBuffer of the state`);
  }
  const { register } = actor as { register?: string };
  if (register === undefined || Object.hasOwn(definition.result, register)) return;
  fail(`actor ${name}: there is no register ${shown(register)}`);
}
