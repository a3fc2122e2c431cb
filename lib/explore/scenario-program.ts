import { resolve } from 'node:path';
import { isLinearizable } from '../linearizability/is-linearizable.ts';
import type { MisfitHistory } from '../report/result.ts';
import type { Scenario } from '../scenario/index.ts';
import type { Found } from '../stress/discover.ts';
import { stateLayout } from '../stress/state-layout.ts';
import { DecisionTrees } from './decision-trees.ts';
import { ExploreError } from './error.ts';
import type { Operation } from './execution.ts';
import type { Program } from './program.ts';
import { placeName, planState, type StatePlan } from './realm/actor-state.ts';
import { type AccessPort, DirectPort } from './realm/direct-port.ts';
import { runAlone } from './realm/run-alone.ts';
import { RealmScenario, ScenarioActor } from './realm/scenario-actor.ts';

export interface ProgramOptions {
  /** Longest time that an actor may run without an access; Infinity: the caller limits all runs together. */
  readonly patienceMs?: number | undefined;
  readonly maxNodes?: number | undefined;
  readonly maxSteps?: number | undefined;
}

/** A scenario's program, and what addresses are called in it. */
export interface ScenarioProgram extends Program {
  placeName(address: number): string;
  /** Of a structure: the calls that its actors make. */
  readonly calls?: ProgramCalls;
}

export interface ProgramCalls {
  /** As `--program` takes them. */
  readonly text: string;
  /** Which call an operation begins or ends, for people; undefined: it is part of one. */
  stampText(operation: Operation): string | undefined;
  /** The history that actors at these nodes have made, if it does not fit; `original` is the program before it was made small. */
  history(nodes: Int32Array, original: string): MisfitHistory | undefined;
}

/** Why a scenario or a structure cannot be explored; undefined if it can. */
export function whyNotExplored(scenario: Scenario): string | undefined {
  const { actors, needs } = scenario.definition;
  for (const [name, actor] of Object.entries(actors)) {
    if (typeof actor === 'function' || isLinearizable(scenario)) continue;
    return `actor ${name} is native (${actor.kind}): its accesses cannot be followed`;
  }
  return needs?.includes('calls') ? 'it makes calls, which cannot be followed' : undefined;
}

/**
 * A scenario as it is explored: memory after `setup`, an actor in a realm each, and an arbiter.
 *
 * @throws ExploreError where it cannot be explored.
 */
export function scenarioProgram(found: Found, options: ProgramOptions = {}): ScenarioProgram {
  const { definition } = found.scenario;
  const why = whyNotExplored(found.scenario);
  if (why !== undefined) throw new ExploreError(`${definition.name}: ${why}`);
  const source = { file: resolve(found.file), params: found.params };
  const plan = planState(stateLayout(definition.state));
  const make = () => new RealmScenario(source, plan, options.patienceMs);
  const names = Object.keys(definition.actors);
  const runners = names.map((name) => new ScenarioActor(name, make()));
  const trees = new DecisionTrees(runners, options);
  const lead = new Lead(make(), plan);
  return {
    name: definition.name,
    trees,
    actors: names,
    memory: lead.memory,
    outcome: (ends, memory) => lead.outcome(trees, names, ends, memory),
    placeName: (address) => placeName(plan, address),
  };
}

/** Setup and arbiter, which run alone, in a realm of their own. */
class Lead {
  readonly memory: Uint8Array;
  readonly #scenario: RealmScenario;

  constructor(scenario: RealmScenario, plan: StatePlan) {
    this.#scenario = scenario;
    this.memory = new Uint8Array(plan.bytes);
    const { setup } = scenario.definition;
    const zeroed = () => new DirectPort(this.memory.fill(0), 'setup');
    if (setup) this.#alone('setup', zeroed, (local) => setup(scenario.state, local));
  }

  outcome(
    trees: DecisionTrees,
    names: readonly string[],
    ends: Int32Array,
    memory: () => AccessPort,
  ): string {
    const { registers, definition, state } = this.#scenario;
    const { arbiter } = definition;
    const port = () => {
      this.#setRegisters(trees, names, ends);
      return memory();
    };
    if (arbiter) this.#alone('arbiter', port, (local) => arbiter(state, registers.result, local));
    else this.#setRegisters(trees, names, ends);
    return registers.text();
  }

  /** As the actors have left them: the arbiter sees them, and may set them. */
  #setRegisters(trees: DecisionTrees, names: readonly string[], ends: Int32Array): void {
    const { registers } = this.#scenario;
    registers.clear();
    const writers = new Map<number, number>();
    for (const [actor, end] of ends.entries()) {
      for (const [register, value] of trees.registers(end)) {
        const other = writers.get(register);
        if (other !== undefined) {
          throw new ExploreError(
            `${names[other]} and ${names[actor]} both set the register ${registers.name(register)}: registers are no shared memory. Give each actor its own`,
          );
        }
        writers.set(register, actor);
        registers.set(register, value);
      }
    }
  }

  #alone(step: string, port: () => AccessPort, run: (local: unknown) => void): void {
    const { realm } = this.#scenario;
    runAlone(realm, step, () => {
      const fresh = port();
      const local = this.#scenario.open();
      realm.port = fresh;
      run(local);
    });
  }
}
