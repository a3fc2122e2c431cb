import {
  isScenario,
  isScenarioFamily,
  type Params,
  type ScenarioFamily,
} from '../../scenario/index.ts';
import type { AnyDefinition, Scenario } from '../../scenario/scenario.ts';
import { siteIn } from '../call-site.ts';
import type { ActorRunner, Ended } from '../decision-trees.ts';
import { ExploreError } from '../error.ts';
import { type Port, Stopped } from '../port.ts';
import { RegisterFile, type StatePlan, stateIn } from './actor-state.ts';
import { DirectPort } from './direct-port.ts';
import { RanTooLong, TogetherTooLong } from './limited.ts';
import { type Box, Realm } from './realm.ts';

/** What a realm has made of a scenario's file. */
export class RealmScenario {
  readonly realm: Realm;
  readonly scenario: Scenario;
  readonly state: object;
  readonly registers: RegisterFile;
  readonly #plan: StatePlan;

  constructor({ file, params }: ScenarioSource, plan: StatePlan, patienceMs: number | undefined) {
    this.realm = new Realm(patienceMs);
    const value = loaded(this.realm, file);
    const made = isScenarioFamily(value) ? madeOf(this.realm, file, value, params) : value;
    if (!isScenario(made)) throw new ExploreError(`${file} exports no scenario in a realm`);
    this.scenario = made;
    this.#plan = plan;
    this.state = stateIn(this.realm, plan);
    this.registers = new RegisterFile(this.definition.result);
  }

  get definition(): AnyDefinition {
    return this.scenario.definition;
  }

  /** What `open` makes: on memory that is thrown away, as before the first sample of a thread. */
  open(): unknown {
    const { open } = this.definition;
    if (!open) return undefined;
    this.realm.port = new DirectPort(new Uint8Array(this.#plan.bytes), 'open');
    return open(this.state);
  }
}

/** Where a scenario comes from. */
export interface ScenarioSource {
  readonly file: string;
  /** Of a table of parameters, the row. */
  readonly params: Params | undefined;
}

/** What the file exports. A realm lacks some globals of Node: then the user is told which. */
function loaded(realm: Realm, file: string): unknown {
  try {
    return realm.load(file);
  } catch (error) {
    return refused(file, error);
  }
}

/** The scenario of one row; what makes it may await imports, which are there at once in a realm. */
function madeOf(
  realm: Realm,
  file: string,
  { make }: ScenarioFamily,
  params: Params = {},
): unknown {
  const box: Box = {};
  try {
    const made = realm.run(() => {
      const value = make(params);
      if (isThenable(value)) realm.follow(value, box);
      return value;
    }, realm.loadingMs);
    if (!isThenable(made)) return made;
  } catch (error) {
    refused(file, error);
  }
  if (box.isRejected) refused(file, box.error);
  if (box.isSettled) return box.value;
  throw new ExploreError(
    `${file} cannot be explored: what makes its scenario awaits something that is no import`,
  );
}

function refused(file: string, error: unknown): never {
  if (error instanceof ExploreError) throw error;
  throw new ExploreError(`${file} cannot be explored: it threw ${thrownText(error)}`);
}

/** With the place in the user's code. */
function thrownText(error: unknown): string {
  const { name = 'Error', message = String(error), stack = '' } = Object(error) as Error;
  return `${name}: ${message} (${siteIn(stack)})`;
}

/** Begins a run of an actor. Its accesses go to the port; a promise is what it ends with. */
export type Begin = (port: Port) => unknown;

/** How an actor of a scenario begins; `open` runs anew for each of its runs. */
export function beginOf(name: string, scenario: RealmScenario): Begin {
  const { realm, definition, state, registers } = scenario;
  const actor = definition.actors[name] as (...args: unknown[]) => unknown;
  return (port) => {
    const local = scenario.open();
    realm.port = port;
    return actor(state, registers.result, local);
  };
}

/** An actor in a realm of its own. */
export class ScenarioActor implements ActorRunner {
  readonly name: string;
  readonly #scenario: RealmScenario;
  readonly #begin: Begin;

  constructor(name: string, scenario: RealmScenario, begin: Begin = beginOf(name, scenario)) {
    this.name = name;
    this.#scenario = scenario;
    this.#begin = begin;
  }

  run(port: Port): Ended {
    const { realm, registers } = this.#scenario;
    registers.clear();
    realm.forget();
    const box: Box = {};
    realm.refuse = (error) =>
      port.fail(new ExploreError(`actor ${this.name} cannot be explored: ${error.message}`));
    try {
      realm.run(() => this.#start(port, box));
      this.#goOn(port, box);
      for (const register of registers.written)
        port.registers.set(register, registers.get(register));
      return box.isRejected ? this.#thrown(box.error) : {};
    } catch (error) {
      return this.#thrown(error, port);
    } finally {
      realm.refuse = undefined;
    }
  }

  #start(port: Port, box: Box): void {
    const promise = this.#begin(port);
    if (isThenable(promise)) this.#scenario.realm.follow(promise, box);
    else box.isSettled = true;
  }

  /** An async actor: promises of waitAsync are kept one at a time, until it has ended. */
  #goOn(port: Port, box: Box): void {
    const { realm } = this.#scenario;
    while (!box.isSettled && !port.isStopped) {
      if (realm.promises === 0) {
        port.fail(
          new ExploreError(
            `actor ${this.name} awaits something that is no promise of Atomics.waitAsync: only those can be explored`,
          ),
        );
      }
      const { waiter, answer } = realm.accesses.park();
      realm.run(() => realm.keep(waiter, answer));
    }
  }

  #thrown(error: unknown, port?: Port): Ended {
    if (error instanceof TogetherTooLong) throw error;
    if (error instanceof RanTooLong && error.isStarved) return { isStarved: true };
    if (error instanceof Stopped || port?.isStopped) return this.#stopped(error, port);
    if (error instanceof RanTooLong) throw this.#tooLong(error, port);
    if (error instanceof ExploreError) throw error;
    return { threw: thrownText(error) };
  }

  #stopped(error: unknown, port: Port | undefined): Ended {
    if (error instanceof RanTooLong) throw this.#tooLong(error, port);
    return {};
  }

  #tooLong({ message }: RanTooLong, port: Port | undefined): ExploreError {
    if (port && port.caught > 0) {
      return new ExploreError(
        `actor ${this.name} does not end after it was stopped: it has caught the explorer's error ${port.caught} times, and looks again. Let it pass on errors that it does not know`,
      );
    }
    return new ExploreError(
      `actor ${this.name} has run for ${message} without an access to shared memory: it never ends, or --patience is too short`,
    );
  }
}

function isThenable(value: unknown): boolean {
  return typeof (Object(value) as { then?: unknown }).then === 'function';
}
