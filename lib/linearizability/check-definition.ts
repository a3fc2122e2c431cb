import { shown } from '../check.ts';
import { CONDITIONS, isAboutDelivery } from './condition.ts';
import type { LinearizableDefinition, Structure } from './definition.ts';
import { LinearizabilityError } from './error.ts';
import type { Operation } from './operation.ts';
import { stateText } from './value-text.ts';

type Fail = (what: string) => never;

const MAX_THREADS = 4;
const MAX_CALLS = 6;
const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Throws unless programs can be made, run and checked; types catch the same mistakes before. */
export function checkStructure(definition: LinearizableDefinition<unknown>): Structure {
  if (typeof definition !== 'object' || definition === null) {
    throw new LinearizabilityError(`linearizable(${shown(definition)}): expected an object`);
  }
  const { name, create, setup, close, model, condition = 'linearizable' } = definition;
  const fail: Fail = (what) => {
    throw new LinearizabilityError(`linearizable ${shown(name)}: ${what}`);
  };
  if (!CONDITIONS.includes(condition)) {
    fail(
      `its condition is ${shown(condition)}, expected one of ${CONDITIONS.map(shown).join(', ')}`,
    );
  }
  checkFunctions({ create, setup, close, model }, fail);
  const operations = operationsOf(definition.operations, fail);
  if (isAboutDelivery(condition)) checkDelivery(operations, fail);
  else checkModel(model, operations, fail);
  const { minPrograms = 1 } = definition;
  if (!(Number.isSafeInteger(minPrograms) && minPrograms >= 1)) {
    fail(`minPrograms is ${shown(minPrograms)}, expected an integer from 1`);
  }
  const bytes = definition.memory?.bytes;
  if (definition.memory?.kind !== 'buffer-state' || !(bytes > 0)) {
    fail(`its memory is ${shown(definition.memory)}, expected sharedBuffer(bytes)`);
  }
  return {
    name,
    bytes,
    create,
    ...(setup ? { setup } : {}),
    ...(close ? { close } : {}),
    ...(model ? { model } : {}),
    operations,
    condition,
    threads: range('threads', definition.threads ?? [2, 3], [2, MAX_THREADS], fail),
    calls: range('calls', definition.calls ?? [1, 4], [1, MAX_CALLS], fail),
  };
}

function checkFunctions(given: Readonly<Record<string, unknown>>, fail: Fail): void {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'function' || (value === undefined && name !== 'create')) continue;
    fail(`${name} is ${shown(value)}, expected a function`);
  }
}

function operationsOf(given: unknown, fail: Fail): Map<string, Operation<unknown>> {
  const entries = Object.entries(Object(given) as Record<string, Operation<unknown>>);
  if (entries.length === 0) fail('operations is empty: say what threads do with the object');
  for (const [name, one] of entries) {
    if (one?.kind !== 'operation' || typeof one.run !== 'function') {
      fail(`operations.${name} is ${shown(one)}, expected operation({ run: … })`);
    }
    if (!NAME.test(name)) fail(`operations.${name}: expected a name that code could use`);
    checkOperation(name, one, fail);
  }
  if (entries.reduce((sum, [, { threads = 2 }]) => sum + threads, 0) < 2) {
    fail('its operations leave work for one thread only: nothing can run at the same time');
  }
  return new Map(entries);
}

function checkOperation(name: string, { args, threads }: Operation<unknown>, fail: Fail): void {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    fail(`operations.${name}.threads is ${shown(threads)}, expected an integer from 1`);
  }
  for (const [index, one] of args.entries()) {
    if (one?.kind === 'scalar' || one?.kind === 'argument') continue;
    fail(
      `operations.${name}.args[${index}] is ${shown(one)}, expected a number type of syslets/abi, oneOf(…), unique or argument(…)`,
    );
  }
}

function checkModel(
  model: LinearizableDefinition<unknown>['model'],
  operations: ReadonlyMap<string, Operation<unknown>>,
  fail: Fail,
): void {
  const fresh = freshModel(model, fail);
  for (const name of operations.keys()) {
    const member: unknown = (fresh as Record<string, unknown>)[name];
    if (typeof member !== 'function') {
      fail(`model().${name} is ${shown(member)}, expected a function as for operations.${name}`);
    }
  }
  const text = readState(fresh, fail);
  if (text === '') {
    fail('model() has no members that are data: its state cannot be seen, and states not compared');
  }
  if (text !== readState(freshModel(model, fail), fail))
    fail('model() gives another state each time');
}

function freshModel(model: LinearizableDefinition<unknown>['model'], fail: Fail): object {
  if (!model) return fail('model is missing: a function that gives a fresh sequential object');
  const fresh: unknown = model();
  if (typeof fresh === 'object' && fresh !== null) return fresh;
  return fail(`model() gives ${shown(fresh)}, expected an object with the operations' names`);
}

function readState(fresh: object, fail: Fail): string {
  try {
    return stateText(fresh);
  } catch (error) {
    return fail(`the state of model(): ${(error as Error).message}`);
  }
}

function checkDelivery(operations: ReadonlyMap<string, Operation<unknown>>, fail: Fail): void {
  const all = [...operations.values()];
  if (all.some(({ puts }) => puts) && all.some(({ takes }) => takes)) return;
  fail('its condition needs an operation with `puts` and one with `takes`');
}

function range(
  name: string,
  given: readonly [number, number],
  [least, most]: readonly [number, number],
  fail: Fail,
): readonly [number, number] {
  const [from, to] = given;
  if (Number.isInteger(from) && Number.isInteger(to) && least <= from && from <= to && to <= most) {
    return given;
  }
  return fail(`${name} is ${shown(given)}, expected [least, most] within ${least} to ${most}`);
}
