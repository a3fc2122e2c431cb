import { conflict, Order } from '../../memory-model/index.ts';
import { Order as AccessOrder, Kind, Op } from '../access.ts';
import type { Machine } from '../machine.ts';
import type { SpinLoop } from '../spin-loops.ts';

/** Two accesses that race: their nodes. */
export interface Race {
  readonly first: number;
  readonly second: number;
}

/**
 * Looks for a data race in the states of sequentially consistent executions: two accesses that could
 * both come next, that overlap, of which one writes, and which are not both atomic on one range.
 * Nothing can order two such accesses, and a program in which no state has two has no data race.
 */
export class RaceFinder {
  race: Race | undefined;

  look(machine: Machine): void {
    if (this.race) return;
    const next = machine.program.actors.map((_, actor) => nextAccesses(machine, actor));
    for (const [actor, all] of next.entries()) {
      for (const others of next.slice(actor + 1)) this.#compare(machine, all, others);
    }
  }

  #compare(machine: Machine, all: readonly number[], others: readonly number[]): void {
    for (const first of all) {
      for (const second of others) {
        if (!conflict(accessAt(machine, first), accessAt(machine, second))) continue;
        this.race = { first, second };
        return;
      }
    }
  }
}

/** Where an actor may go on. One that rests in a loop that was folded looks at all of it. */
function nextAccesses(machine: Machine, actor: number): readonly number[] {
  const spin = machine.blocked[actor] as number;
  if (spin < 0) return [];
  const node = machine.node[actor] as number;
  const nodes = spin > 0 ? (machine.trees.spins[spin] as SpinLoop).nodes : [node];
  return nodes.filter((one) => (machine.trees.kind[one] as number) < Kind.notify);
}

function accessAt(machine: Machine, node: number) {
  const { trees } = machine;
  const kind = trees.kind[node] as number;
  const isSeqCst = trees.isSeqCst[node] === AccessOrder.seqCst || kind >= Kind.modify;
  return {
    address: trees.address[node] as number,
    size: trees.size[node] as number,
    order: isSeqCst ? Order.seqCst : Order.unordered,
    writes: kind === Kind.store || (kind === Kind.modify && !isOnlyRead(machine, node)),
  };
}

/** A compareExchange that would fail here reads. */
function isOnlyRead({ trees, bytes }: Machine, node: number): boolean {
  if (trees.op[node] !== Op.compareExchange) return false;
  const address = trees.address[node] as number;
  for (let index = 0; index < (trees.size[node] as number); index++) {
    const expected =
      index < 4
        ? (trees.expectedLo[node] as number) >>> (index * 8)
        : (trees.expectedHi[node] as number) >>> ((index - 4) * 8);
    if ((expected & 255) !== bytes[address + index]) return true;
  }
  return false;
}
