import type { Agent, Final, Memory } from './published.ts';

/**
 * The JavaScript tests of Watt, Pulte, Podkopaev, Barbier, Dolan, Flur, Pichon-Pharabod and Guo,
 * "Repairing and mechanising the JavaScript relaxed memory model" (PLDI 2020), from the Alloy files
 * that came with it. Each asserts one execution. Each write here has a value of its own, so that the
 * outcome tells who read from whom; where a test asks for the order of two writes, `final` shows it.
 */
export interface WattTest {
  readonly name: string;
  readonly agents: readonly Agent[];
  readonly final?: Final;
  readonly outcome: string;
  readonly verdict: 'allowed' | 'forbidden';
}

const [X, Y, Z] = [0, 8, 16];

/** An agent that only stores. */
const stores =
  (run: (memory: Memory) => void): Agent =>
  (memory) => {
    run(memory);
    return [];
  };

export const wattTests: readonly WattTest[] = [
  {
    name: 'MP',
    agents: [
      stores((m) => {
        m.store(X, 1, 1);
        m.store(Y, 1, 2);
      }),
      (m) => [m.load(Y, 1), m.load(X, 1)],
    ],
    outcome: '2 0',
    verdict: 'allowed',
  },
  {
    name: 'MP_popl_poap',
    agents: [
      stores((m) => {
        m.store(X, 1, 1);
        m.atomicStore(Y, 1, 2);
      }),
      (m) => [m.atomicLoad(Y, 1), m.load(X, 1)],
    ],
    outcome: '2 0',
    verdict: 'forbidden',
  },
  {
    name: 'R_poll_pola',
    agents: [
      stores((m) => {
        m.atomicStore(X, 1, 1);
        m.atomicStore(Y, 1, 2);
      }),
      (m) => {
        m.atomicStore(Y, 1, 3);
        return [m.atomicLoad(X, 1)];
      },
    ],
    final: (m) => [m.load(Y, 1)],
    outcome: '0 3',
    verdict: 'forbidden',
  },
  {
    name: 'R_polp_pola',
    agents: [
      stores((m) => {
        m.atomicStore(X, 1, 1);
        m.store(Y, 1, 2);
      }),
      (m) => {
        m.atomicStore(Y, 1, 3);
        return [m.atomicLoad(X, 1)];
      },
    ],
    final: (m) => [m.load(Y, 1)],
    outcome: '0 3',
    verdict: 'allowed',
  },
  {
    name: 'Stephen',
    agents: [
      stores((m) => {
        m.atomicStore(X, 1, 1);
        m.atomicStore(X, 1, 2);
        m.store(Y, 1, 3);
        m.atomicStore(Z, 1, 4);
      }),
      (m) => {
        m.atomicStore(Y, 1, 5);
        return [m.atomicLoad(X, 1), m.atomicLoad(Z, 1), m.atomicLoad(Y, 1)];
      },
    ],
    outcome: '1 4 5',
    verdict: 'allowed',
  },
  {
    name: 'dagger',
    agents: [
      (m) => {
        m.store(X, 1, 1);
        m.atomicStore(Y, 1, 2);
        return [m.exchange(X, 1, 3)];
      },
      (m) => {
        const seen = m.atomicLoad(Y, 1);
        m.atomicStore(X, 1, 4);
        return [seen, m.atomicLoad(X, 1)];
      },
    ],
    outcome: '1 2 3',
    verdict: 'forbidden',
  },
  {
    name: 'ddagger',
    agents: [
      stores((m) => {
        m.atomicStore(X, 1, 1);
        m.atomicStore(Y, 1, 2);
      }),
      (m) => {
        m.atomicStore(X, 1, 3);
        return [m.atomicLoad(Y, 1), m.load(X, 1), m.load(X, 1)];
      },
    ],
    outcome: '2 3 1',
    verdict: 'forbidden',
  },
  {
    name: 'mixed/MP_popl_poap_mixed',
    agents: [
      stores((m) => {
        m.store(X, 1, 1);
        m.atomicStore(Y, 1, 2);
      }),
      (m) => [m.atomicLoad(Y, 2), m.load(X, 1)],
    ],
    outcome: '2 0',
    verdict: 'allowed',
  },
  {
    name: 'mixed/Stephen_mixed',
    agents: [
      stores((m) => {
        m.atomicStore(X, 1, 1);
        m.atomicStore(X, 1, 2);
        m.atomicStore(Y, 2, 0x0303);
        m.atomicStore(Z, 1, 4);
      }),
      (m) => {
        m.atomicStore(Y, 1, 5);
        return [m.atomicLoad(X, 1), m.atomicLoad(Z, 1), m.atomicLoad(Y, 1)];
      },
    ],
    outcome: '1 4 5',
    verdict: 'allowed',
  },
  {
    name: 'mixed/dagger_mixed',
    agents: [
      (m) => {
        m.store(X, 1, 1);
        m.atomicStore(Y, 1, 2);
        return [m.exchange(X, 1, 3)];
      },
      (m) => {
        const seen = m.atomicLoad(Y, 1);
        m.atomicStore(X, 2, 0x0404);
        return [seen, m.atomicLoad(X, 1)];
      },
    ],
    outcome: '1 2 3',
    verdict: 'allowed',
  },
  {
    name: 'mixed/ddagger_mixed',
    agents: [
      stores((m) => {
        m.atomicStore(X, 1, 1);
        m.atomicStore(Y, 1, 2);
      }),
      (m) => {
        m.atomicStore(X, 2, 0x0303);
        return [m.atomicLoad(Y, 1), m.load(X, 1), m.load(X, 1)];
      },
    ],
    outcome: '2 3 1',
    verdict: 'allowed',
  },
];
