import { Kind } from './access.ts';
import type { Machine } from './machine.ts';
import type { End } from './program.ts';
import { DirectPort } from './realm/direct-port.ts';

/** What an execution without a further step has come to. */
export function endOf(machine: Machine): End {
  const { node, trees, program } = machine;
  const names = program.actors;
  const threw = names.findIndex((_, actor) => trees.kind[node[actor] as number] === Kind.threw);
  if (threw >= 0) {
    return { kind: 'threw', text: `${names[threw]}: ${trees.thrown(node[threw] as number)}` };
  }
  const stopped = names.findIndex((_, actor) => trees.kind[node[actor] as number] === Kind.limit);
  if (stopped >= 0) {
    const where = trees.site(node[stopped] as number);
    const text = `${names[stopped]} has made ${trees.maxSteps} accesses and goes on${where === '' ? '' : ` (${where})`}`;
    return { kind: 'step limit', text };
  }
  const stuck = names.flatMap((_, actor) => (machine.isDone(actor) ? [] : [actor]));
  const memory = () => new DirectPort(machine.bytes.slice(), 'arbiter');
  const outcome = stuck.length === 0 ? program.outcome(node, memory) : program.stuckOutcome?.(node);
  if (outcome !== undefined) return { kind: 'outcome', text: outcome };
  const isLooping = stuck.some((actor) => (machine.blocked[actor] as number) > 0);
  const text = stuck.map((actor) => stuckText(machine, actor)).join('; ');
  return { kind: isLooping ? 'livelock' : 'deadlock', text };
}

function stuckText({ trees, node, blocked, program }: Machine, actor: number): string {
  const at = node[actor] as number;
  const site = trees.site(at);
  const what = {
    [Kind.park]: 'awaits a promise that is never resolved',
    [Kind.wait]: 'sleeps in wait',
  }[trees.kind[at] as number];
  const state = (blocked[actor] as number) > 0 ? 'looks again and again' : what;
  return `${program.actors[actor]} ${state}${site === '' ? '' : ` (${site})`}`;
}
