import { layout, type Target, type Type, x86_64 } from '../abi/index.ts';
import { shown } from '../check.ts';
import { checkActors } from './check-actors.ts';
import { checkOutcomes } from './check-outcomes.ts';
import { type Fail, recordOf } from './check-record.ts';
import { ScenarioError } from './error.ts';
import type { AnyDefinition } from './scenario.ts';
import type { AtomicState, BufferState, PaddedState, StateField } from './state.ts';

const NAME = /^[a-z0-9]+([-./][a-z0-9]+)*$/;
const MAX_BUFFER_BYTES = 2 ** 24;
/** Any will do: whether a type is one does not depend on the processor. */
const target: Target = x86_64;

/** Throws unless the definition can be run; types catch the same mistakes before. */
export function checkDefinition(definition: AnyDefinition): void {
  if (typeof definition !== 'object' || definition === null) {
    throw new ScenarioError(`a scenario is ${shown(definition)}, expected an object`);
  }
  const fail = failFor(definition.name);
  checkTexts(definition, fail);
  checkState(definition, fail);
  checkResult(definition, fail);
  checkActors(definition, fail);
  checkFunctions(definition, fail);
  checkNeeds(definition, fail);
  checkNumbers(definition, fail);
  checkOutcomes(definition, fail);
}

function failFor(name: unknown): Fail {
  return (what) => {
    throw new ScenarioError(`scenario ${shown(name)}: ${what}`);
  };
}

function checkTexts({ name, description }: AnyDefinition, fail: Fail): void {
  if (typeof name !== 'string' || !NAME.test(name)) {
    fail("its name must be words in lower case with '-', '.' or '/' between them");
  }
  if (typeof description !== 'string' || description.trim() === '') {
    fail('description is missing: say in a sentence what is tested');
  }
}

function checkState({ state }: AnyDefinition, fail: Fail): void {
  for (const [name, field] of recordOf('state', state, fail)) {
    checkField(name, field as StateField, fail);
  }
}

function checkField(name: string, field: StateField, fail: Fail): void {
  const kind = (field as StateField | undefined)?.kind;
  if (kind === 'padded-state') checkField(name, (field as PaddedState).field, fail);
  else if (kind === 'buffer-state') checkBytes(name, (field as BufferState).bytes, fail);
  else
    checkType(name, (kind === 'atomic-state' ? (field as AtomicState).type : field) as Type, fail);
}

function checkType(name: string, type: Type, fail: Fail): void {
  try {
    layout(type, target);
  } catch (error) {
    fail(`state.${name} is no type of syslets/abi: ${(error as Error).message}`);
  }
}

function checkBytes(name: string, bytes: unknown, fail: Fail): void {
  if (Number.isInteger(bytes) && (bytes as number) > 0 && (bytes as number) <= MAX_BUFFER_BYTES) {
    return;
  }
  fail(
    `state.${name} has ${shown(bytes)} bytes, expected an integer from 1 to ${MAX_BUFFER_BYTES}`,
  );
}

const RESULT_SCALARS = new Set(
  'u8 u16 u32 u64 i8 i16 i32 i64 char schar uchar short ushort int uint long ulong longlong ulonglong size_t ssize_t bool float double'.split(
    ' ',
  ),
);

function checkResult({ result }: AnyDefinition, fail: Fail): void {
  const registers = recordOf('result', result, fail);
  if (registers.length === 0) fail('result has no registers: an outcome needs one at least');
  for (const [name, type] of registers) {
    const { kind, scalar } = (type ?? {}) as { kind?: string; scalar?: string };
    if (kind !== 'scalar' || !RESULT_SCALARS.has(scalar ?? '')) {
      fail(`result.${name} must be a number, bigint or bool of syslets/abi of up to 8 bytes`);
    }
  }
}

function checkFunctions(definition: AnyDefinition, fail: Fail): void {
  for (const name of ['open', 'setup', 'arbiter', 'teardown', 'close'] as const) {
    const value: unknown = definition[name];
    if (value === undefined || typeof value === 'function') continue;
    fail(`${name} is ${shown(value)}, expected a function`);
  }
}

const NEEDS: readonly unknown[] = ['addon', 'calls'];

/** A word that is none of these would be no need, in silence. */
function checkNeeds({ needs = [] }: AnyDefinition, fail: Fail): void {
  if (Array.isArray(needs) && needs.every((one) => NEEDS.includes(one))) return;
  fail(`needs is ${shown(needs)}, expected a list of ${NEEDS.map(shown).join(', ')}`);
}

function checkNumbers(definition: AnyDefinition, fail: Fail): void {
  for (const name of ['minSamples', 'samplesPerState'] as const) {
    const value: unknown = definition[name];
    if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 1)) continue;
    fail(`${name} is ${shown(value)}, expected an integer from 1`);
  }
  const { timeoutMs } = definition;
  if (timeoutMs === undefined || (Number.isFinite(timeoutMs) && timeoutMs > 0)) return;
  fail(`timeoutMs is ${shown(timeoutMs)}, expected milliseconds above 0`);
}
