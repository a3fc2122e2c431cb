import type { AnyDefinition } from '../scenario/scenario.ts';
import type { ThreadPlan } from './thread-plan.ts';
import type { ActorRun } from './walk.ts';

/** What a thread that runs JavaScript does for its actor. */
export async function actorRun(definition: AnyDefinition, plan: ThreadPlan): Promise<ActorRun> {
  const actor = definition.actors[plan.actor];
  if (typeof actor === 'function') return actor as ActorRun;
  // only where it is needed: the kernel side takes its time to load
  const { signallerRun, sysletRun } = await import('./syslet-actor.ts');
  if (actor?.kind === 'signaller') return signallerRun(plan.pipes[actor.ring]);
  if (actor?.kind === 'completer' || actor?.kind === 'blocker') {
    return sysletRun(actor, plan.pipes[actor.ring], plan.memory.stride);
  }
  throw new TypeError(`actor ${plan.actor} does not run in JavaScript`);
}
