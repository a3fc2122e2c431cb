import type { Coverage, ExploredEnd, ExploredMachine } from '../report/explore-result.ts';
import { CLAIMS } from '../report/merge-explored.ts';

/** What the programs of a structure have come to on one kind of machine, all together. */
export class ProgramTally {
  count = 0;
  readonly #machine: ExploredMachine['machine'];
  readonly #seed: number | undefined;
  readonly #ends = new Map<string, ExploredEnd>();
  readonly #folded = new Set<string>();
  #executions = 0n;
  #states = 0;
  /** Of the program of which the least can be claimed. */
  #weakest: Coverage | undefined;

  /** `seed` is that of random programs. */
  constructor(machine: ExploredMachine['machine'], seed: number | undefined) {
    this.#machine = machine;
    this.#seed = seed;
  }

  add(program: string, { coverage, ends, folded }: ExploredMachine): void {
    this.count += 1;
    this.#executions += BigInt(coverage.executions);
    this.#states += coverage.states;
    for (const end of ends) addEnd(this.#ends, end);
    for (const loop of folded) this.#folded.add(loop);
    const { within, ...rest } = coverage;
    // of many programs the weakest is named, and no bound holds for all
    const claim = this.#seed === undefined && within ? { ...rest, within } : rest;
    const named = claim.kind === 'part' ? { ...claim, why: `${program}: ${claim.why}` } : claim;
    if (!this.#weakest || isWeaker(named, this.#weakest)) this.#weakest = named;
  }

  explored(): ExploredMachine {
    const seed = this.#seed;
    const coverage: Coverage = {
      ...(this.#weakest as Coverage),
      executions: String(this.#executions),
      states: this.#states,
      programs: { count: this.count, ...(seed === undefined ? {} : { seed }) },
    };
    const [ends, folded] = [[...this.#ends.values()], [...this.#folded]];
    return { machine: this.#machine, coverage, ends, folded };
  }
}

function isWeaker(one: Coverage, other: Coverage): boolean {
  const [a, b] = [one, other].map(({ kind }) => CLAIMS.indexOf(kind)) as [number, number];
  if (a !== b) return a < b;
  return (one.preemptions ?? 0) < (other.preemptions ?? 0);
}

function addEnd(ends: Map<string, ExploredEnd>, end: ExploredEnd): void {
  const key = `${end.kind} ${end.text}`;
  const executions = BigInt(ends.get(key)?.executions ?? 0) + BigInt(end.executions);
  ends.set(key, { ...end, executions: String(executions) });
}

/** All ends of two searches of one program: of each the one that has counted more executions. */
export function joinedEnds(
  some: readonly ExploredEnd[],
  others: readonly ExploredEnd[],
): readonly ExploredEnd[] {
  const ends = new Map<string, ExploredEnd>();
  for (const end of [...some, ...others]) {
    const key = `${end.kind} ${end.text}`;
    const known = ends.get(key);
    if (!known || BigInt(known.executions) < BigInt(end.executions)) ends.set(key, end);
  }
  return [...ends.values()];
}
