import type { AnyDefinition } from '../scenario/scenario.ts';
import type { ThreadPlan } from './thread-plan.ts';
import type { ActorRun } from './walk.ts';

/** What a thread that runs JavaScript does for its actor. */
export async function actorRun(definition: AnyDefinition, plan: ThreadPlan): Promise<ActorRun> {
  const actor = definition.actors[plan.actor];
  if (typeof actor === 'function') return actor as ActorRun;
  throw new Error(`actor ${plan.actor} is not there any more`);
}
