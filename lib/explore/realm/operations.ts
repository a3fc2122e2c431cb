import { types } from 'node:util';
import { LinearizabilityError, PENDING, type Structure } from '../../linearizability/index.ts';
import { cancelled } from '../../linearizability/marks.ts';
import type { Call } from '../../linearizability/program.ts';
import type { ResultCodes } from '../../linearizability/result-codes.ts';
import { thrownText } from '../../linearizability/value-text.ts';
import { type BoundCall, bindCall } from '../../stress/histories/calls.ts';
import { Op, Order } from '../access.ts';
import { ExploreError } from '../error.ts';
import { type Port, Stopped } from '../port.ts';
import { DirectPort } from './direct-port.ts';
import { type Element, elementByName } from './elements.ts';
import { RanTooLong, TogetherTooLong } from './limited.ts';
import type { Begin, RealmScenario } from './scenario-actor.ts';

/** One thread of a program, over memory as it is before its `create`. */
export interface ThreadPlan {
  readonly realm: RealmScenario;
  readonly structure: Structure;
  readonly calls: readonly Call[];
  readonly memory: Uint8Array;
  /** Address of the word that counts the calls which have returned; undefined: calls have no stamps. */
  readonly clock: number | undefined;
  readonly codes: ResultCodes;
}

/**
 * Time does not pass, and nobody gives up: a call that waits goes on when it is woken. One that never
 * is never returns, and the model says whether that is right.
 */
const FOR_EVER = Object.freeze({
  timeoutMs: Number.POSITIVE_INFINITY,
  isOver: () => false,
  cancelled,
});

/** What a call has come to: the code of its result, and its stamps, begin below end. */
const END_SHIFT = 8;

export interface RecordedCall {
  readonly begin: number;
  readonly end: number;
  /** PENDING: it has not returned. */
  readonly result: number;
}

/** A register of a thread: the record of its call of this number. */
export function recordedCall({ lo, hi }: { readonly lo: number; readonly hi: number }) {
  return { begin: hi & 0xff, end: hi >>> END_SHIFT, result: lo };
}

const WORD = elementByName.get('i32') as Element;
const SEQ_CST = { order: Order.seqCst };

/** Makes the calls, one after the other, and records each in a register of its number. */
export function operationsOf({
  realm: scenario,
  structure,
  calls,
  memory,
  clock,
  codes,
}: ThreadPlan): Begin {
  const { realm } = scenario;
  const bound = calls.map((call) => bindCall(structure, call, FOR_EVER));
  const began = () => (clock === undefined ? 0 : Number(realm.accesses.load(WORD, clock, SEQ_CST)));
  const ended = () =>
    clock === undefined ? 0 : Number(realm.accesses.modify(WORD, clock, Op.add, 1));
  return (port) => {
    realm.port = new DirectPort(memory.slice(), 'create');
    const object = structure.create(memoryOf(scenario));
    realm.port = port;
    for (const [index, run] of bound.entries()) {
      const begin = began();
      port.registers.set(index, { lo: PENDING, hi: begin });
      const lo = resultOf(port, run, object, codes, calls[index] as Call);
      // the step that ends it shows what it returns
      port.registers.set(index, { lo, hi: begin });
      port.registers.set(index, { lo, hi: begin | (ended() << END_SHIFT) });
    }
  };
}

/** The structure's memory, as code of its realm is given it. */
export function memoryOf({ state }: RealmScenario): SharedArrayBuffer {
  return (state as { memory: SharedArrayBuffer }).memory;
}

/** What is no error of the operation. */
const PASSED_ON = [ExploreError, Stopped, RanTooLong, TogetherTooLong];

function resultOf(
  port: Port,
  run: BoundCall,
  object: unknown,
  codes: ResultCodes,
  { operation }: Call,
): number {
  try {
    const value = run(object);
    // what stops an async one comes out of its promise
    if (types.isPromise(value)) value.catch(() => {});
    // it has caught what stopped it
    if (port.isStopped) throw new Stopped();
    return codeOf(port, value, codes, operation);
  } catch (error) {
    if (port.isStopped || PASSED_ON.some((kind) => error instanceof kind)) throw error;
    return codes.ofText(thrownText(error));
  }
}

function codeOf(port: Port, value: unknown, codes: ResultCodes, operation: string): number {
  try {
    return codes.ofValue(value);
  } catch (error) {
    if (!(error instanceof LinearizabilityError)) throw error;
    return port.fail(new ExploreError(`operations.${operation} returned ${error.message}`));
  }
}
