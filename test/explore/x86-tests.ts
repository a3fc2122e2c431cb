import type { Agent, Final, Memory } from '../memory-model/published.ts';

/**
 * Published tests of x86: those of Owens, Sarkar, Sewell: "A better x86 memory model: x86-TSO" (TPHOLs
 * 2009), with Intel's examples 8-1 to 8-10 (iwp) and AMD's (amd) under the paper's names, and those
 * of herd's catalogue for x86 with its x86tso.cat. None of the outcomes is possible where each access
 * takes effect at once. MFENCE is a read-modify-write of a place of its own; XCHG is an exchange.
 */
export interface X86Test {
  readonly name: string;
  readonly agents: readonly Agent[];
  readonly final?: Final;
  readonly outcome: string;
  readonly tso: 'allowed' | 'forbidden';
}

const [X, Y, Z, FENCE] = [0, 8, 16, 24];

type Step = (memory: Memory) => readonly number[];

const W =
  (at: number, value: number): Step =>
  (memory) => {
    memory.store(at, 4, value);
    return [];
  };
const R =
  (at: number): Step =>
  (memory) => [memory.load(at, 4)];
const xchg =
  (at: number, value: number): Step =>
  (memory) => {
    memory.exchange(at, 4, value);
    return [];
  };
const mfence: Step = (memory) => {
  memory.add(FENCE, 4, 0);
  return [];
};

/** A thread: its outcome is what it loads, in order. */
const P =
  (...steps: readonly Step[]): Agent =>
  (memory) =>
    steps.flatMap((step) => step(memory));

/** Threads of two shapes that are the same with other places. */
const both = (thread: (a: number, b: number) => Agent): readonly Agent[] => [
  thread(X, Y),
  thread(Y, X),
];

const of = (...places: readonly number[]): Final => {
  return (memory) => places.map((place) => memory.load(place, 4));
};

const paper: readonly X86Test[] = [
  {
    name: 'iwp2.1/amd1',
    agents: [P(W(X, 1), W(Y, 1)), P(R(Y), R(X))],
    outcome: '1 0',
    tso: 'forbidden',
  },
  {
    name: 'iwp2.2/amd2',
    agents: both((a, b) => P(R(a), W(b, 1))),
    outcome: '1 1',
    tso: 'forbidden',
  },
  {
    name: 'iwp2.3.a/amd4',
    agents: both((a, b) => P(W(a, 1), R(b))),
    outcome: '0 0',
    tso: 'allowed',
  },
  { name: 'iwp2.3.b', agents: both((a) => P(W(a, 1), R(a))), outcome: '0 0', tso: 'forbidden' },
  {
    name: 'iwp2.4/amd9',
    agents: both((a, b) => P(W(a, 1), R(a), R(b))),
    outcome: '1 0 1 0',
    tso: 'allowed',
  },
  {
    name: 'iwp2.5/amd8',
    agents: [P(W(X, 1)), P(R(X), W(Y, 1)), P(R(Y), R(X))],
    outcome: '1 1 0',
    tso: 'forbidden',
  },
  {
    name: 'iwp2.6',
    agents: [P(W(X, 1)), P(R(X), R(X)), P(W(X, 2)), P(R(X), R(X))],
    outcome: '1 2 2 1',
    tso: 'forbidden',
  },
  {
    name: 'iwp2.7/amd7',
    agents: [P(xchg(X, 1)), P(xchg(Y, 1)), P(R(X), R(Y)), P(R(Y), R(X))],
    outcome: '1 0 1 0',
    tso: 'forbidden',
  },
  {
    name: 'iwp2.8.a',
    agents: both((a, b) => P(xchg(a, 1), R(b))),
    outcome: '0 0',
    tso: 'forbidden',
  },
  {
    name: 'iwp2.8.b',
    agents: [P(xchg(X, 1), W(Y, 1)), P(R(Y), R(X))],
    outcome: '1 0',
    tso: 'forbidden',
  },
  {
    name: 'amd3',
    agents: both((a, b) => P(W(a, 1), W(a, 2), R(b))),
    outcome: '1 1',
    tso: 'allowed',
  },
  {
    name: 'amd5',
    agents: both((a, b) => P(W(a, 1), mfence, R(b))),
    outcome: '0 0',
    tso: 'forbidden',
  },
  {
    name: 'amd6',
    agents: [P(W(X, 1)), P(W(Y, 1)), P(R(X), R(Y)), P(R(Y), R(X))],
    outcome: '1 0 1 0',
    tso: 'forbidden',
  },
  {
    name: 'amd10',
    agents: both((a, b) => P(W(a, 1), mfence, R(a), R(b))),
    outcome: '1 0 1 0',
    tso: 'forbidden',
  },
  {
    name: 'n1',
    agents: [P(W(X, 2), R(Y)), P(W(Y, 1), W(X, 1)), P(R(X), R(X))],
    outcome: '0 1 2',
    tso: 'allowed',
  },
  {
    name: 'n2',
    agents: [P(W(Y, 1), W(X, 1)), P(R(X), R(X)), P(W(X, 2), W(Z, 1)), P(R(Z), R(Y))],
    outcome: '1 2 1 0',
    tso: 'forbidden',
  },
  {
    name: 'n3',
    agents: [P(xchg(X, 1)), P(W(Y, 1)), P(R(Y), R(X), R(X)), P(R(X), R(Y), R(Y))],
    outcome: '1 0 1 1 0 1',
    tso: 'forbidden',
  },
  {
    name: 'n4',
    agents: [P(R(X), W(X, 1), R(X)), P(R(X), W(X, 2), R(X))],
    outcome: '2 1 1 2',
    tso: 'forbidden',
  },
  { name: 'n5', agents: [P(W(X, 1), R(X)), P(W(X, 2), R(X))], outcome: '2 1', tso: 'forbidden' },
  {
    name: 'n6',
    agents: [P(W(X, 1), R(X), R(Y)), P(W(Y, 2), W(X, 2))],
    final: of(X),
    outcome: '1 0 1',
    tso: 'allowed',
  },
  {
    name: 'n7',
    agents: [P(W(X, 1), R(X), R(Y)), P(W(Y, 1)), P(R(Y), R(X))],
    outcome: '1 0 1 0',
    tso: 'allowed',
  },
  {
    name: 'n8',
    agents: [P(xchg(X, 1), R(Y)), P(W(Y, 1), R(X))],
    outcome: '0 0',
    tso: 'allowed',
  },
  {
    name: 'rwc-unfenced',
    agents: [P(W(X, 1)), P(R(X), R(Y)), P(W(Y, 1), R(X))],
    outcome: '1 0 0',
    tso: 'allowed',
  },
  {
    name: 'rwc-fenced',
    agents: [P(W(X, 1)), P(R(X), R(Y)), P(W(Y, 1), mfence, R(X))],
    outcome: '1 0 0',
    tso: 'forbidden',
  },
];

/** A shape of the catalogue: two threads of two accesses each, with fences or without. */
function shape(
  name: string,
  [a, b]: readonly [Step, Step],
  [c, d]: readonly [Step, Step],
  rest: Pick<X86Test, 'outcome'> & Partial<X86Test>,
): X86Test {
  const [left, right] = [/\+mfences$|\+mfence\+/.test(name), /\+mfences$|\+mfence$/.test(name)];
  const fence = (isThere: boolean) => (isThere ? [mfence] : []);
  const agents = [P(a, ...fence(left), b), P(c, ...fence(right), d)];
  return { name, agents, tso: 'forbidden', ...rest };
}

const allowed = { tso: 'allowed' } as const;
const SB = [[W(X, 1), R(Y)] as const, [W(Y, 1), R(X)] as const] as const;
const MP = [[W(X, 1), W(Y, 1)] as const, [R(Y), R(X)] as const] as const;
const LB = [[R(X), W(Y, 1)] as const, [R(Y), W(X, 1)] as const] as const;
const WW = [[W(X, 1), W(Y, 2)] as const, [W(Y, 1), W(X, 2)] as const] as const;
const S = [[W(X, 2), W(Y, 1)] as const, [R(Y), W(X, 1)] as const] as const;
const RW = [[W(X, 1), W(Y, 1)] as const, [W(Y, 2), R(X)] as const] as const;

const catalogue: readonly X86Test[] = [
  shape('SB', ...SB, { outcome: '0 0', ...allowed }),
  shape('SB+mfence+po', ...SB, { outcome: '0 0', ...allowed }),
  shape('SB+mfences', ...SB, { outcome: '0 0' }),
  {
    name: 'SB+rfi-pos',
    agents: both((a, b) => P(W(a, 1), R(a), R(b))),
    outcome: '1 0 1 0',
    tso: 'allowed',
  },
  shape('R', ...RW, { outcome: '0 2', final: of(Y), ...allowed }),
  shape('R+mfence+po', ...RW, { outcome: '0 2', final: of(Y), ...allowed }),
  {
    name: 'R+mfence+rfi-po',
    agents: [P(W(X, 1), mfence, W(Y, 1)), P(W(Y, 2), R(Y), R(X))],
    final: of(Y),
    outcome: '2 0 2',
    tso: 'allowed',
  },
  shape('R+po+mfence', ...RW, { outcome: '0 2', final: of(Y) }),
  shape('R+mfences', ...RW, { outcome: '0 2', final: of(Y) }),
  shape('2+2W', ...WW, { outcome: '1 1', final: of(X, Y) }),
  shape('2+2W+mfence+po', ...WW, { outcome: '1 1', final: of(X, Y) }),
  shape('2+2W+mfences', ...WW, { outcome: '1 1', final: of(X, Y) }),
  shape('LB', ...LB, { outcome: '1 1' }),
  shape('LB+mfence+po', ...LB, { outcome: '1 1' }),
  shape('LB+mfences', ...LB, { outcome: '1 1' }),
  shape('MP', ...MP, { outcome: '1 0' }),
  shape('MP+mfence+po', ...MP, { outcome: '1 0' }),
  shape('MP+po+mfence', ...MP, { outcome: '1 0' }),
  shape('MP+mfences', ...MP, { outcome: '1 0' }),
  shape('S', ...S, { outcome: '1 2', final: of(X) }),
  shape('S+mfence+po', ...S, { outcome: '1 2', final: of(X) }),
  shape('S+po+mfence', ...S, { outcome: '1 2', final: of(X) }),
  shape('S+mfences', ...S, { outcome: '1 2', final: of(X) }),
];

export const x86Tests: readonly X86Test[] = [...paper, ...catalogue];
