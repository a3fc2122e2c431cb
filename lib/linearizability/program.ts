import type { Structure } from './definition.ts';
import { LinearizabilityError } from './error.ts';
import { ValueReader } from './parse-value.ts';
import { valueText } from './value-text.ts';

/** One call of an operation. */
export interface Call {
  readonly operation: string;
  readonly args: readonly unknown[];
}

export function hasObjects({ args }: Call): boolean {
  return args.some((one) => typeof one === 'object' && one !== null);
}

/** Arguments for one run of a call: what it does to objects among them, no other run sees. */
export function ownArgs(call: Call): readonly unknown[] {
  return hasObjects(call) ? structuredClone(call.args) : call.args;
}

/** What each thread calls, in its order. */
export interface Program {
  readonly threads: readonly (readonly Call[])[];
}

/** A search keeps sets of calls in the bits of a number. */
export const MAX_PROGRAM_CALLS = 24;
export const MAX_PROGRAM_THREADS = 4;

export function callText({ operation, args }: Call): string {
  return `${operation}(${args.map((one) => valueText(one)).join(', ')})`;
}

/** `push(1), pop() | pop()`: threads from left to right. */
export function programText({ threads }: Program): string {
  return threads.map((calls) => calls.map(callText).join(', ')).join(' | ');
}

/**
 * Threads in the order in which the structure names what they call. Which thread is which says
 * nothing, so one failure has one text.
 */
export function ordered({ threads }: Program, { operations }: Structure): Program {
  const names = [...operations.keys()];
  const ranks = (calls: readonly Call[]) => calls.map((one) => names.indexOf(one.operation));
  return { threads: threads.toSorted((a, b) => compareLists(ranks(a), ranks(b))) };
}

function compareLists(left: readonly number[], right: readonly number[]): number {
  const at = left.findIndex((one, index) => one !== right[index]);
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1);
}

export function callCount({ threads }: Program): number {
  return threads.reduce((sum, calls) => sum + calls.length, 0);
}

/**
 * Reads what programText writes.
 *
 * @throws LinearizabilityError where it is no program of this structure.
 */
export function parseProgram(text: string, structure: Structure): Program {
  const reader = new ValueReader(text);
  const threads: Call[][] = [[readCall(reader, structure)]];
  while (!reader.isAtEnd) {
    if (reader.take('|')) threads.push([readCall(reader, structure)]);
    else if (reader.take(',')) threads.at(-1)?.push(readCall(reader, structure));
    else reader.fail("',' for the next call or '|' for the next thread");
  }
  return checked({ threads }, text);
}

function readCall(reader: ValueReader, { operations, name: structure }: Structure): Call {
  const name = reader.name();
  const known = operations.get(name);
  if (!known) {
    const names = [...operations.keys()].join(', ');
    throw new LinearizabilityError(
      `${structure} has no operation ${name}, expected one of ${names}`,
    );
  }
  if (!reader.take('(')) reader.fail(`'(' behind ${name}`);
  const args = reader.list(')');
  if (args.length === known.args.length) return { operation: name, args };
  throw new LinearizabilityError(
    `${name} of ${structure} has ${args.length} arguments, expected ${known.args.length}`,
  );
}

function checked(program: Program, text: string): Program {
  const calls = callCount(program);
  const threads = program.threads.length;
  if (threads <= MAX_PROGRAM_THREADS && calls <= MAX_PROGRAM_CALLS) return program;
  throw new LinearizabilityError(
    `'${text}' has ${calls} calls in ${threads} threads, expected at most ${MAX_PROGRAM_CALLS} in ${MAX_PROGRAM_THREADS}`,
  );
}
