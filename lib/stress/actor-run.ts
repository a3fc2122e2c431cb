import type { AnyDefinition } from '../scenario/scenario.ts';
import { signallerRun, sysletRun } from './syslet-actor.ts';
import type { ThreadPlan } from './thread-plan.ts';
import type { ActorRun } from './walk.ts';

/** What a thread that runs JavaScript does for its actor. */
export function actorRun(definition: AnyDefinition, plan: ThreadPlan): ActorRun {
  const actor = definition.actors[plan.actor];
  if (typeof actor === 'function') return actor as ActorRun;
  if (actor?.kind === 'signaller') return signallerRun(plan.pipes[actor.ring]);
  if (actor?.kind === 'completer' || actor?.kind === 'blocker') {
    return sysletRun(actor, plan.pipes[actor.ring], plan.memory.stride);
  }
  throw new TypeError(`actor ${plan.actor} does not run in JavaScript`);
}
