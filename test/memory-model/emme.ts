import type { Agent } from './published.ts';

/**
 * Integer programs of EMME (Mattarei, Barrett, Guo, Nelson, Smith: "EMME: a formal tool for ECMAScript
 * memory model evaluation", TACAS 2018), with all outcomes that the tool lists in the program.js or
 * models.txt beside each. Its lists of some other programs are of a draft of the model.
 */
export interface EmmeTest {
  readonly name: string;
  readonly agents: readonly Agent[];
  readonly outcomes: readonly string[];
}

/** All pairs of these. */
const pairs = (first: readonly number[], second: readonly number[]): string[] =>
  second.flatMap((b) => first.map((a) => `${a} ${b}`));

const plain =
  (...stores: readonly (readonly [at: number, size: number, value: number])[]): Agent =>
  (memory) => {
    for (const [at, size, value] of stores) memory.store(at, size, value);
    return [];
  };

const atomic =
  (...stores: readonly (readonly [at: number, size: number, value: number])[]): Agent =>
  (memory) => {
    for (const [at, size, value] of stores) memory.atomicStore(at, size, value);
    return [];
  };

/** What four bytes can be in sv_simple19 and 20: two writers of three bytes that overlap. */
const OVERLAPPING = [0, 2].flatMap((top) =>
  [0, 1, 2].flatMap((third) =>
    [0, 1, 2].flatMap((second) =>
      [0, 1].map((low) => low + 256 * second + 65_536 * third + 16_777_216 * top),
    ),
  ),
);
const UPPER = [0, 1, 2, 512, 513, 514];

export const emmeTests: readonly EmmeTest[] = [
  {
    name: 'single_var/sv_simple02',
    agents: [atomic([0, 1, 1]), (m) => [m.atomicLoad(0, 1)]],
    outcomes: ['0', '1'],
  },
  {
    name: 'single_var/sv_simple03',
    agents: [atomic([0, 2, 1]), (m) => [m.atomicLoad(0, 2)]],
    outcomes: ['0', '1'],
  },
  {
    name: 'single_var/sv_simple04',
    agents: [atomic([0, 2, 1]), atomic([0, 2, 2]), (m) => [m.atomicLoad(0, 2)]],
    outcomes: ['0', '1', '2'],
  },
  {
    name: 'single_var/sv_simple05',
    agents: [plain([0, 2, 1]), plain([0, 2, 2]), (m) => [m.load(0, 2)]],
    outcomes: ['0', '1', '2'],
  },
  {
    name: 'single_var/sv_simple15',
    agents: [
      atomic([0, 1, 1], [1, 1, 1]),
      atomic([1, 1, 2], [2, 1, 2]),
      (m) => [m.atomicLoad(0, 4), m.atomicLoad(2, 2)],
    ],
    outcomes: pairs(
      [0, 1, 256, 257, 512, 513, 131072, 131073, 131328, 131329, 131584, 131585],
      [0, 2],
    ),
  },
  {
    name: 'single_var/sv_simple18',
    agents: [
      plain([0, 1, 1], [1, 1, 2], [2, 1, 3], [3, 1, 4]),
      (m) => [m.load(0, 2), m.load(2, 2)],
    ],
    outcomes: pairs([0, 1, 512, 513], [0, 3, 1024, 1027]),
  },
  {
    name: 'single_var/sv_simple19',
    agents: [
      atomic([0, 1, 1], [1, 1, 1], [2, 1, 1]),
      atomic([1, 1, 2], [2, 1, 2], [3, 1, 2]),
      (m) => [m.atomicLoad(0, 4), m.atomicLoad(2, 2)],
    ],
    outcomes: pairs(OVERLAPPING, UPPER),
  },
  {
    name: 'single_var/sv_simple20',
    agents: [
      plain([0, 1, 1], [1, 1, 1], [2, 1, 1]),
      plain([1, 1, 2], [2, 1, 2], [3, 1, 2]),
      (m) => [m.load(0, 4), m.load(2, 2)],
    ],
    outcomes: pairs(OVERLAPPING, UPPER),
  },
  {
    name: 'single_var/sv_simple24',
    agents: [
      (m) => {
        m.atomicStore(1, 1, 2);
        return [m.add(1, 1, -1)];
      },
      (m) => [m.atomicLoad(0, 2)],
    ],
    outcomes: ['2 0', '2 256', '2 512'],
  },
  {
    name: 'single_var/ite/sv_i_simple03',
    agents: [plain([0, 1, 1], [0, 1, 2]), (m) => [m.load(0, 1), m.load(0, 1), m.load(0, 1)]],
    outcomes: [0, 1, 2].flatMap((a) =>
      [0, 1, 2].flatMap((b) => [0, 1, 2].map((c) => `${a} ${b} ${c}`)),
    ),
  },
  {
    name: 'single_var/ite/sv_i_simple04',
    agents: [
      atomic([0, 1, 1], [1, 1, 1], [0, 1, 2], [1, 1, 2]),
      (m) => {
        const first = m.atomicLoad(0, 1);
        return [first, m.atomicLoad(first >= 1 ? 0 : 1, 1)];
      },
    ],
    outcomes: ['0 0', '0 1', '0 2', '1 1', '1 2', '2 2'],
  },
  {
    name: 'single_var/ite/sv_i_simple05',
    agents: [
      plain([0, 1, 1], [1, 1, 2]),
      (m) => {
        const [first, second] = [m.load(0, 1), m.load(0, 1)];
        return [first, second, m.load(first === second ? 0 : 1, 1)];
      },
    ],
    outcomes: ['1 0 0', '0 1 0', '1 0 2', '0 1 2', '0 0 0', '1 1 0', '0 0 1', '1 1 1'],
  },
  {
    name: 'single_var/ite/sv_i_simple06',
    agents: [
      atomic([0, 1, 1], [1, 1, 2]),
      (m) => {
        const [first, second] = [m.atomicLoad(0, 1), m.atomicLoad(0, 1)];
        return [first, second, m.atomicLoad(first === second ? 0 : 1, 1)];
      },
    ],
    outcomes: ['0 1 0', '0 1 2', '0 0 0', '0 0 1', '1 1 1'],
  },
  {
    name: 'single_var/param/ite/sv_i_simple01/param001',
    agents: [
      plain([0, 1, 0]),
      (m) => {
        const seen = m.load(0, 1);
        m.store(seen === 0 ? 0 : 1, 1, 0);
        return [seen];
      },
      (m) => [m.load(0, 2)],
    ],
    outcomes: ['0 0'],
  },
  {
    name: 'single_var/param/ite/sv_i_simple01/param004',
    agents: [
      plain([0, 1, 0]),
      (m) => {
        const seen = m.load(0, 1);
        m.store(seen <= 0 ? 0 : 1, 1, 0);
        return [seen];
      },
      (m) => [m.load(0, 2)],
    ],
    outcomes: ['0 0'],
  },
  {
    name: 'cpp_mem/data_race',
    agents: [plain([0, 1, 2]), plain([0, 1, 3]), (m) => [m.load(0, 1)]],
    outcomes: ['0', '2', '3'],
  },
  {
    name: 'cpp_mem/sc_atomics',
    agents: [plain([0, 1, 2]), atomic([0, 1, 3]), (m) => [m.atomicLoad(0, 1)]],
    outcomes: ['0', '2', '3'],
  },
  {
    name: 'double_vars/dv_simple01',
    agents: [atomic([0, 2, 1], [8, 2, 1]), (m) => [m.atomicLoad(0, 2), m.atomicLoad(8, 2)]],
    outcomes: ['0 1', '0 0', '1 0', '1 1'],
  },
];
