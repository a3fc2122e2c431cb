import { describe, expect, test } from 'vitest';
import { explore, KERNEL_MODELS, type KernelModel } from '../../lib/kernel-explore/index.ts';
import { useExplorer } from './tools.ts';

// The outcome by which a litmus test is known, and the models that allow it. SC and TSO as in Owens,
// Sarkar and Sewell, "A better x86 memory model: x86-TSO" (2009; amd, iwp and n, with their erratum to
// n8), in the tables of Alglave, Maranget and Tautschnig, "Herding cats" (2014), and in herdtools7,
// catalogue/x86_64/kinds.txt. WEAK is ours: TSO without the fence of a locked instruction, whose
// stores may be made before all that wait, where no release forbids it. So what only the order of two
// stores forbids on x86 is allowed, as it is on ARM and POWER; loads are made in order.
const VERDICTS: readonly (readonly [string, string, readonly KernelModel[]])[] = [
  ['SB', '0, 0', ['tso', 'weak']],
  ['SB+mbs', '0, 0', []],
  ['SB+rmws', '0, 0', ['weak']],
  ['SB+mfence+po-rmw-own', '0, 0, 0', ['tso', 'weak']],
  ['SB+rfi-pos', '1, 0, 1, 0', ['tso', 'weak']],
  ['MP', '1, 0', ['weak']],
  ['MP+rmw', '1, 0', []],
  ['MP+rmw-own', '1, 0', []],
  ['MP+rmw-release', '1, 0', ['weak']],
  ['MP+inc', '1, 0', ['weak']],
  ['MP+rmw-relaxed', '1, 0', ['weak']],
  ['MP+wmb', '1, 0', []],
  ['MP+rel', '1, 0', []],
  ['MP+rel+po', '1, 0', ['weak']],
  ['LB', '1, 1', []],
  ['R', '0, 1, 2', ['tso', 'weak']],
  ['S', '1, 2, 1', ['weak']],
  ['2+2W', '0, 1, 1', ['weak']],
  ['2+2W+wmbs', '0, 1, 1', []],
  ['CoRR', '1, 0', []],
  ['IRIW', '1, 0, 1, 0', []],
  ['WRC', '1, 1, 0', []],
  ['MP+po+po-rfi-po', '1, 1, 0', ['weak']],
  ['R+po+mfence', '0, 1, 2', ['weak']],
  ['R+po+po-rfi-po', '1, 0, 1, 2', ['tso', 'weak']],
  ['R+po+rfi-po', '2, 0, 1, 2', ['tso', 'weak']],
  ['RWC', '1, 0, 0', ['tso', 'weak']],
  ['RWC+po+mfence', '1, 0, 0', []],
  ['RWC+po+rfi-po', '1, 0, 1, 0', ['tso', 'weak']],
  ['SB+mfence+po', '0, 0', ['tso', 'weak']],
  ['SB+mfence+po-rfi-po', '0, 1, 0', ['tso', 'weak']],
  ['SB+mfence+rfi-po', '0, 1, 0', ['tso', 'weak']],
  ['SB+po+po-rfi-po', '0, 1, 0', ['tso', 'weak']],
  ['SB+po+rfi-po', '0, 1, 0', ['tso', 'weak']],
  ['SB+rfi-po+po-rfi-po', '1, 0, 1, 0', ['tso', 'weak']],
  ['WRR+2W', '2, 0, 2, 1', ['weak']],
  ['WRW+2W', '2, 2, 2', ['weak']],
  ['WRW+WR', '1, 0, 1, 2', ['tso', 'weak']],
  ['WRW+WR+po+mfence', '1, 0, 1, 2', []],
  ['WRW+WR+po+rfi-po', '1, 2, 0, 1, 2', ['tso', 'weak']],
  ['WWC', '2, 1, 2, 1', []],
  ['iwp2.3.b', '0, 0', []],
  ['amd3', '1, 1', ['tso', 'weak']],
  ['iwp2.6', '1, 2, 2, 1', []],
  ['iwp2.7', '1, 0, 1, 0', []],
  ['iwp2.8.b', '1, 0', []],
  ['amd10', '1, 0, 1, 0', []],
  ['n1', '0, 1, 2', ['tso', 'weak']],
  ['n2', '1, 2, 1, 0', ['weak']],
  ['n3', '1, 0, 1, 1, 0, 1', []],
  ['n4', '2, 1, 1, 2', []],
  ['n5', '2, 1', []],
  ['n6', '1, 0, 1, 2', ['tso', 'weak']],
  ['n7', '1, 0, 1, 0', ['tso', 'weak']],
  ['n8', '0, 0', ['tso', 'weak']],
];

const program = useExplorer();

async function outcomesOf(name: string, model: KernelModel, everyAccess = false) {
  const search = await explore(program(), name, { model }, { everyAccess });
  expect(search.complete).toBe(true);
  return new Set(search.outcomes.map(({ failure, values }) => failure ?? values.join(', ')));
}

describe('litmus tests', () => {
  test.each(VERDICTS)(
    '%s shows %s where it may, and nowhere else',
    async (name, outcome, allowed) => {
      for (const model of KERNEL_MODELS) {
        const outcomes = await outcomesOf(`litmus/${name}`, model);
        expect([model, outcomes.has(outcome)]).toEqual([model, allowed.includes(model)]);
      }
    },
  );

  test.each(VERDICTS)(
    '%s: what only one actor uses need be no place to switch at',
    async (name) => {
      for (const model of KERNEL_MODELS) {
        const reduced = await outcomesOf(`litmus/${name}`, model);
        expect(await outcomesOf(`litmus/${name}`, model, true)).toEqual(reduced);
      }
    },
  );

  test('sequential consistency allows what TSO allows, and that what the weak model does', async () => {
    for (const [name] of VERDICTS) {
      const [sc, tso, weak] = await Promise.all(
        KERNEL_MODELS.map((model) => outcomesOf(`litmus/${name}`, model)),
      );
      for (const outcome of sc ?? []) expect(tso).toContain(outcome);
      for (const outcome of tso ?? []) expect(weak).toContain(outcome);
    }
  });
});

describe('row 13 of the defects', () => {
  const LOST = 'no actor can go on (deadlock)';
  const has = async (name: string, model: KernelModel) => (await outcomesOf(name, model)).has(LOST);

  test("v7's policy loses a wake-up where a locked instruction is no fence, and only there", async () => {
    const name = 'kernel/v7-completion-and-wait';
    expect(await has(name, 'weak')).toBe(true);
    expect(await has(name, 'tso')).toBe(false);
    expect(await has(name, 'sc')).toBe(false);
  });

  test("the default's never does", async () => {
    for (const model of KERNEL_MODELS) {
      expect(await has('kernel/completion-and-wait', model)).toBe(false);
    }
  });
});
