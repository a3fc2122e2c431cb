import { resolve } from 'node:path';
import type { AnyDefinition } from '../scenario/scenario.ts';
import type { Found } from '../stress/discover.ts';
import { stateLayout } from '../stress/state-layout.ts';
import { DecisionTrees } from './decision-trees.ts';
import { ExploreError } from './error.ts';
import { Stopped } from './port.ts';
import type { Program } from './program.ts';
import { placeName, planState, type StatePlan } from './realm/actor-state.ts';
import { type AccessPort, DirectPort } from './realm/direct-port.ts';
import { RanTooLong, TogetherTooLong } from './realm/limited.ts';
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
}

/** Why a scenario cannot be explored; undefined if it can. */
export function whyNotExplored({ actors, needs }: AnyDefinition): string | undefined {
  for (const [name, actor] of Object.entries(actors)) {
    if (typeof actor === 'function') continue;
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
  const why = whyNotExplored(definition);
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

/** What is no fault of a setup or an arbiter. */
const PASSED_ON = [ExploreError, Stopped, TogetherTooLong];

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

  /** `port` is what a run begins with: one that had no processor for so long is begun again. */
  #alone(step: string, port: () => AccessPort, run: (local: unknown) => void): void {
    while (!this.#isRun(step, port(), run));
  }

  #isRun(step: string, port: AccessPort, run: (local: unknown) => void): boolean {
    const { realm } = this.#scenario;
    try {
      realm.run(() => {
        const local = this.#scenario.open();
        realm.port = port;
        run(local);
      });
      return true;
    } catch (error) {
      if (error instanceof RanTooLong && error.isStarved) return false;
      if (PASSED_ON.some((kind) => error instanceof kind)) throw error;
      const why = error instanceof RanTooLong ? `has run for ${error.message}` : `threw ${error}`;
      throw new ExploreError(`${step} ${why}`);
    }
  }
}
