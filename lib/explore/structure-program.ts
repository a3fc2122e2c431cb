import { resolve } from 'node:path';
import { misfit, UNDECIDED } from '../linearizability/definition.ts';
import {
  Checker,
  type History,
  isLinearizable,
  type Linearizable,
  NEVER,
  newHistory,
  PENDING,
  type Program,
  programText,
  type Structure,
  type Verdict,
} from '../linearizability/index.ts';
import { callText } from '../linearizability/program.ts';
import type { MisfitHistory } from '../report/result.ts';
import { sharedBuffer } from '../scenario/index.ts';
import type { Found } from '../stress/discover.ts';
import { canonical } from '../stress/histories/canonical.ts';
import { misfitHistory } from '../stress/histories/failed-history.ts';
import { stateLayout } from '../stress/state-layout.ts';
import { Kind } from './access.ts';
import { DecisionTrees } from './decision-trees.ts';
import { ExploreError } from './error.ts';
import type { Operation } from './execution.ts';
import type { Machines } from './program.ts';
import { placeName, planState, type StatePlan } from './realm/actor-state.ts';
import { DirectPort } from './realm/direct-port.ts';
import { memoryOf, operationsOf, type RecordedCall, recordedCall } from './realm/operations.ts';
import { runAlone } from './realm/run-alone.ts';
import { RealmScenario, ScenarioActor } from './realm/scenario-actor.ts';
import type { ProgramCalls, ProgramOptions, ScenarioProgram } from './scenario-program.ts';

/** A structure with the file that it came from. */
export type FoundStructure = Found & { readonly scenario: Linearizable };

export function isStructure(found: Found): found is FoundStructure {
  return isLinearizable(found.scenario);
}

const CLOCK_BYTES = 4;
const THREADS = 'ABCD';
/** A thread comes to the same loop with many histories before it, and each of these runs on. */
const RUN_ON = 5_000;

/** The realms of a structure's threads. Programs share them: a file is loaded once for each thread. */
export class StructureRealms {
  readonly #found: FoundStructure;
  readonly #options: ProgramOptions;
  readonly #checker: Checker;
  readonly #plan: StatePlan;
  readonly #realms: RealmScenario[] = [];
  #zeroth: Uint8Array | undefined;

  constructor(found: FoundStructure, options: ProgramOptions) {
    this.#found = found;
    this.#options = options;
    this.#checker = new Checker(found.scenario.structure);
    const { state } = found.scenario.definition;
    this.#plan = planState(stateLayout({ ...state, clock: sharedBuffer(CLOCK_BYTES) }));
  }

  /**
   * A program of this structure as it is explored. Under `sc` calls have stamps, which tell their
   * real-time order. Under `tso` they have none: the access that counts a call would empty the store
   * buffer, and no store would be late.
   *
   * @throws ExploreError where it cannot be explored.
   */
  program(program: Program, machines: Machines): ScenarioProgram {
    const clock = machines === 'sc' ? this.#clock : undefined;
    const { memory, before } = this.#created(program.threads.length);
    const { codes } = this.#checker;
    const runners = program.threads.map((calls, thread) => {
      const realm = this.#realm(thread);
      const plan = { realm, structure: structureIn(realm), calls, clock, codes };
      const begin = operationsOf({ ...plan, memory: before[thread] as Uint8Array });
      return new ScenarioActor(THREADS[thread] as string, realm, begin);
    });
    const trees = new DecisionTrees(runners, { ...this.#options, runOn: RUN_ON });
    const calls = new CallsOf(this.#checker, program, trees, clock);
    return {
      name: this.#found.name,
      trees,
      actors: runners.map(({ name }) => name),
      memory,
      outcome: (nodes) => calls.outcome(nodes),
      stuckOutcome: (nodes) => calls.stuckOutcome(nodes),
      placeName: (address) => placeName(this.#plan, address),
      calls,
    };
  }

  get #clock(): number {
    return this.#plan.buffers.find(({ name }) => name === 'clock')?.base as number;
  }

  #realm(thread: number): RealmScenario {
    const source = { file: resolve(this.#found.file), params: this.#found.params };
    const { patienceMs } = this.#options;
    const realm = this.#realms[thread] ?? new RealmScenario(source, this.#plan, patienceMs);
    this.#realms[thread] = realm;
    return realm;
  }

  /** Memory when all threads have created their objects, one after the other; and before each has. */
  #created(threads: number) {
    let memory = this.#setUp();
    const before: Uint8Array[] = [];
    for (let thread = 0; thread < threads; thread++) {
      before.push(memory);
      memory = this.#alone(thread, 'create', memory, (structure, shared) =>
        structure.create(shared),
      );
    }
    return { memory, before };
  }

  #setUp(): Uint8Array {
    const zeroed = new Uint8Array(this.#plan.bytes);
    this.#zeroth ??= this.#alone(0, 'setup', zeroed, (structure, shared) =>
      structure.setup?.(shared),
    );
    return this.#zeroth;
  }

  /** Memory after a step that runs alone. */
  #alone(
    thread: number,
    step: string,
    memory: Uint8Array,
    run: (structure: Structure, shared: SharedArrayBuffer) => void,
  ): Uint8Array {
    const scenario = this.#realm(thread);
    let after = memory;
    runAlone(scenario.realm, step, () => {
      after = memory.slice();
      scenario.realm.port = new DirectPort(after, step);
      run(structureIn(scenario), memoryOf(scenario));
    });
    return after;
  }
}

function structureIn({ scenario }: RealmScenario): Structure {
  if (isLinearizable(scenario)) return scenario.structure;
  throw new ExploreError(`${scenario.definition.name} is no linearizable in a realm`);
}

/** What the calls of a program have come to, at nodes of their threads' trees. */
class CallsOf implements ProgramCalls {
  readonly text: string;
  readonly #checker: Checker;
  readonly #program: Program;
  readonly #trees: DecisionTrees;
  readonly #clock: number | undefined;
  /** Most executions have one of a few histories. */
  readonly #verdicts = new Map<string, Verdict>();

  constructor(checker: Checker, program: Program, trees: DecisionTrees, clock: number | undefined) {
    this.text = programText(program);
    this.#checker = checker;
    this.#program = program;
    this.#trees = trees;
    this.#clock = clock;
  }

  outcome(nodes: Int32Array): string {
    const { condition } = this.#checker.structure;
    const verdict = this.#verdict(nodes);
    if (verdict === 'undecided') return UNDECIDED;
    return verdict === 'fits' ? condition : misfit(condition);
  }

  stuckOutcome(nodes: Int32Array): string | undefined {
    return this.#verdict(nodes) === 'does not' ? undefined : this.outcome(nodes);
  }

  history(nodes: Int32Array, original: string): MisfitHistory | undefined {
    if (this.#verdict(nodes) !== 'does not') return undefined;
    const { program, history } = this.#made(nodes);
    return misfitHistory(this.#checker, program, history, original);
  }

  stampText({ access, node, actor, kind }: Operation): string | undefined {
    if (this.#clock === undefined || access.address !== this.#clock || kind !== 'access') {
      return undefined;
    }
    const { threads } = this.#program;
    const call = callText((threads[actor] ?? [])[this.#callOf(node)] as never);
    if (access.kind === Kind.load) return `${call} begins`;
    const { result } = recordedCall(this.#recordAt(node, this.#callOf(node)));
    return `${call} → ${this.#checker.codes.text(result)}`;
  }

  /** Each call has two stamps. */
  #callOf(node: number): number {
    let stamps = 0;
    for (let at = this.#trees.parent(node); at !== 0; at = this.#trees.parent(at)) {
      stamps += this.#trees.address[at] === this.#clock ? 1 : 0;
    }
    return stamps >> 1;
  }

  #recordAt(node: number, call: number) {
    return this.#trees.registers(node).get(call) ?? { lo: PENDING, hi: 0 };
  }

  #verdict(nodes: Int32Array): Verdict {
    const { program, history } = this.#made(nodes);
    const { begin, end, result } = history;
    const key = [begin, end, result, program.threads.map(({ length }) => length)].join(' ');
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = this.#checker.of(program).check(history);
    this.#verdicts.set(key, verdict);
    return verdict;
  }

  /** The history so far, and the program without the calls that never began. */
  #made(nodes: Int32Array): { readonly program: Program; readonly history: History } {
    const recorded = this.#program.threads.map((_, thread) =>
      [...this.#trees.registers(nodes[thread] as number)]
        .sort(([one], [other]) => one - other)
        .map(([, register]) => recordedCall(register)),
    );
    const threads = this.#program.threads.map((calls, thread) =>
      calls.slice(0, recorded[thread]?.length),
    );
    return { program: { threads }, history: historyOf(recorded.flat()) };
  }
}

function historyOf(recorded: readonly RecordedCall[]): History {
  const history = newHistory(recorded.length);
  for (const [call, { begin, end, result }] of recorded.entries()) {
    history.begin[call] = begin;
    history.end[call] = result === PENDING ? NEVER : end;
    history.result[call] = result;
  }
  canonical(history);
  return history;
}
