import {
  generateProgram,
  type Program,
  parseProgram,
  programText,
  type Structure,
  smallerPrograms,
} from '../linearizability/index.ts';
import type {
  Coverage,
  ExploredEnd,
  ExploredMachine,
  ExploredScenario,
} from '../report/explore-result.ts';
import { ExploreError } from './error.ts';
import { exploreMachine, type Watch } from './explore-machine.ts';
import {
  type FoundOut,
  factsOf,
  failureOf,
  quickly,
  shownBy,
  wantedEnds,
} from './explore-scenario.ts';
import { OUT_OF_TIME } from './model/writes.ts';
import { DEFAULT_PROGRAMS, type ExploreOptions } from './options.ts';
import type { Machines } from './program.ts';
import { joinedEnds, ProgramTally } from './program-tally.ts';
import { type ScenarioProgram, whyNotExplored } from './scenario-program.ts';
import { type FoundStructure, StructureRealms } from './structure-program.ts';

const NO_MODEL =
  'the memory model is not asked about operations: --machine sc,tso searches their schedules';

/** Explores programs of a structure on each kind of machine until one fails, and makes that small. */
export function exploreStructure(
  found: FoundStructure,
  options: ExploreOptions,
  watch: Watch,
): ExploredScenario {
  const facts = factsOf(found);
  const skipped =
    whyNotExplored(found.scenario) ?? (options.machines.length === 0 ? NO_MODEL : undefined);
  if (skipped !== undefined) return { ...facts, skipped, machines: [] };
  try {
    return { ...facts, ...new StructureSearch(found, options, watch).run() };
  } catch (error) {
    if (!(error instanceof ExploreError)) throw error;
    throw new ExploreError(`${found.name}: ${error.message}`);
  }
}

const NEVER_LATE: Watch = () => false;

type StructureResult = FoundOut & Partial<Pick<ExploredScenario, 'actors'>>;

class StructureSearch {
  readonly #found: FoundStructure;
  readonly #options: ExploreOptions;
  readonly #watch: Watch;
  #realms: StructureRealms;
  readonly #tallies: ReadonlyMap<Machines, ProgramTally>;
  readonly #isWanted: ReturnType<typeof wantedEnds>;
  #states = 0;
  #executions = 0;
  #isLate = false;

  constructor(found: FoundStructure, given: ExploreOptions, watch: Watch) {
    // the programs of one structure are not dealt out
    const options = { ...given, shard: null };
    const { program, seed } = options;
    this.#found = found;
    this.#options = options;
    this.#watch = watch;
    this.#realms = new StructureRealms(found, options);
    this.#tallies = new Map(
      options.machines.map((kind) => [kind, new ProgramTally(kind, program ? undefined : seed)]),
    );
    this.#isWanted = wantedEnds(found, options);
  }

  /** The first failure ends it; where an outcome is wanted, all programs are searched. */
  run(): StructureResult {
    let first: StructureResult | undefined;
    for (const program of programsOf(this.#found.scenario.structure, this.#options)) {
      for (const [kind, tally] of this.#tallies) {
        const explored = this.#explored(program, kind, this.#options.program !== undefined);
        tally.add(programText(program), explored);
        if (!this.#isWrong(explored)) continue;
        first ??= this.#shown(program, kind, explored);
        if (this.#options.outcome === undefined) return first;
      }
      if (this.#isLate) break;
    }
    return { ...first, machines: this.#machines() };
  }

  #machines(): ExploredMachine[] {
    const seen = [...this.#tallies.values()].filter(({ count }) => count > 0);
    return seen.map((tally) => tally.explored());
  }

  #isWrong({ ends }: ExploredMachine): boolean {
    return ends.some(this.#isWanted);
  }

  /** Of many programs each has a small budget; one that was asked for has all of it. */
  #explored(program: Program, kind: Machines, isAskedFor = false): ExploredMachine {
    const search = isAskedFor ? exploreMachine : searched;
    const explored = quickly(
      this.#maker(program, kind),
      (states, executions) => {
        this.#isLate = this.#watch(this.#states + states, this.#executions + executions);
        return this.#isLate;
      },
      (made, watch) => search(made, kind, this.#options, watch),
    );
    const { coverage } = explored;
    this.#states += coverage.states;
    if (coverage.states === 0) this.#executions += Number(coverage.executions);
    return explored;
  }

  /** With the schedule of a program that is as small as can be. */
  #shown(original: Program, kind: Machines, found: ExploredMachine): StructureResult {
    const { program, explored } = this.#smallest(original, kind, found);
    const count = (ends: ExploredMachine['ends']) =>
      String(ends.reduce((sum, { executions }) => sum + BigInt(executions), 0n));
    const facts = {
      original: programText(original),
      misfits: count(explored.ends.filter(this.#isWanted)),
      of: count(explored.ends),
    };
    const describe = (made: ScenarioProgram, watch: Watch): StructureResult => {
      const failure = failureOf(this.#found, made, kind, this.#options, watch, facts);
      const end = explored.ends.find(this.#isWanted) as ExploredEnd;
      return { machines: this.#machines(), actors: made.actors, ...shownBy(failure, end) };
    };
    // a failure without a schedule says little, so its time does not count
    return quickly(this.#maker(program, kind), NEVER_LATE, describe);
  }

  /** A search that begins anew has realms and a checker of its own: the first was left anywhere. */
  #maker(program: Program, kind: Machines): () => ScenarioProgram {
    let tries = 0;
    return () => {
      if (tries++ > 0) this.#realms = new StructureRealms(this.#found, this.#options);
      return this.#realms.program(program, kind);
    };
  }

  /** Smaller and smaller programs that fail too. */
  #smallest(program: Program, kind: Machines, explored: ExploredMachine) {
    let smallest = { program, explored };
    for (let next: typeof smallest | undefined = smallest; next; ) {
      smallest = next;
      next = this.#smaller(next.program, kind);
    }
    return smallest;
  }

  #smaller(program: Program, kind: Machines) {
    for (const smaller of smallerPrograms(program, this.#found.scenario.structure)) {
      const explored = this.#explored(smaller, kind);
      if (this.#isWrong(explored)) return { program: smaller, explored };
      if (this.#isLate) break;
    }
    return undefined;
  }
}

/** Random ones that differ, or the one that was asked for. */
function* programsOf(
  structure: Structure,
  { program, programs = DEFAULT_PROGRAMS, seed }: ExploreOptions,
): Generator<Program> {
  if (program !== undefined) {
    yield parseProgram(program, structure);
    return;
  }
  const texts = new Set<string>();
  // a structure may have fewer programs than are asked for
  for (let index = 0; texts.size < programs && index < MOST_TRIES * programs; index++) {
    const made = shortened(generateProgram(structure, seed, index));
    const text = programText(made);
    if (texts.has(text)) continue;
    texts.add(text);
    yield made;
  }
}

const MOST_TRIES = 20;
/** With more calls there are too many schedules, and few mistakes need them. */
const MOST_CALLS = 6;

/** The first calls of each thread. */
function shortened({ threads }: Program): Program {
  const most = Math.floor(MOST_CALLS / threads.length);
  return { threads: threads.map((calls) => calls.slice(0, most)) };
}

/** One of many programs that has more states is searched within a bound: most mistakes need few preemptions. */
const WHOLE_STATES = 20_000;
const BOUND = 2;
/** Where a bound would have more states than this, the next lower one has to do. */
const BOUNDED_STATES = 200_000;

/** Where no search was asked for: all schedules of a small program, of others those within a bound. */
function searched(
  program: ScenarioProgram,
  kind: Machines,
  options: ExploreOptions,
  watch: Watch,
): ExploredMachine {
  const { maxStates } = options;
  const isSmaller = options.search.kind === 'all' && maxStates > WHOLE_STATES;
  const first = isSmaller ? { ...options, maxStates: WHOLE_STATES } : options;
  const whole = exploreMachine(program, kind, first, watch);
  if (!isSmaller || whole.coverage.kind !== 'part') return whole;
  // the small budget is ours: what ended the search is the time
  if (watch(whole.coverage.states, 0)) {
    return { ...whole, coverage: { ...whole.coverage, why: OUT_OF_TIME } };
  }
  const search = { kind: 'preemptions', bound: BOUND } as const;
  const budget = { ...options, search, maxStates: Math.min(maxStates, BOUNDED_STATES) };
  const bounded = exploreMachine(program, kind, budget, watch);
  const ends = joinedEnds(whole.ends, bounded.ends);
  return { ...bounded, ends, coverage: claimOf(bounded.coverage, watch) };
}

/** Of a search that was too large, the bound within which it is all. */
function claimOf(coverage: Coverage, watch: Watch): Coverage {
  const { kind, within } = coverage;
  if (kind !== 'part' || !within || watch(coverage.states, 0)) return coverage;
  const { preemptions, executions, states } = within;
  return { kind: 'preemptions', preemptions, executions, states };
}
