import { createHash } from 'node:crypto';
import { ExploreError } from './error.ts';
import type { Execution, Operation } from './execution.ts';
import { Step, stepActor, stepKind, stepOf, stepWaiter } from './machine.ts';
import type { Machines } from './program.ts';

const VERSION = 'x1';
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_';
const LETTERS = 'abcdefgh';

/** A schedule that was read from a string. */
export interface Recorded {
  readonly machines: Machines;
  readonly steps: readonly number[];
  /** A digit for each step, made of what it did. */
  readonly digests: string;
  readonly isSameSource: boolean;
}

/** What a string belongs to. */
export interface ReplayKey {
  readonly name: string;
  /** Text of the scenario's file. */
  readonly source: string;
}

/**
 * `x1.sc.NAME.SOURCE.STEPS.DIGESTS.CHECK`. Steps are runs: `a3` is three accesses of the first
 * actor, `B2` two stores that leave the second one's buffer, `ta` the passing of the first one's
 * limit, `wa2` that of its third promise. CHECK finds a character that was changed.
 */
export function replayString(key: ReplayKey, { machines, operations }: Execution): string {
  const steps = runsText(operations.map(({ step }) => step));
  const digests = operations.map(digestOf).join('');
  const text = [VERSION, machines, ...keyHashes(key), steps, digests].join('.');
  return `${text}.${hashText(text, 4)}`;
}

/** @throws ExploreError where it is no such string, or one of another scenario or version. */
export function readReplay(text: string, key: ReplayKey): Recorded {
  const parts = text.trim().split('.');
  const [version = '', machines, name, source, steps = '', digests = '', check] = parts;
  if (!/^x\d+$/.test(version)) fail(text, `it begins with '${version}', expected '${VERSION}'`);
  if (version !== VERSION) {
    fail(text, `it is of version ${version}, this is ${VERSION}: explore again for a new one`);
  }
  if (parts.length !== 7) fail(text, `it has ${parts.length} parts, expected 7: was it cut?`);
  if (hashText(parts.slice(0, 6).join('.'), 4) !== check) {
    fail(text, 'a character of it was changed: its check does not fit');
  }
  const [nameHash, sourceHash] = keyHashes(key);
  if (name !== nameHash) fail(text, `it is of another scenario than ${key.name}`);
  if (machines !== 'sc' && machines !== 'tso') fail(text, `there is no machine '${machines}'`);
  return {
    machines: machines as Machines,
    steps: readRuns(steps, text),
    digests,
    isSameSource: source === sourceHash,
  };
}

/** A digit for what a step did, so that a replay tells where it first does something else. */
export function digestOf({ step, access, lo, hi, isAsleep }: Operation): string {
  const { kind, address, size, op, order } = access;
  const parts = [step, kind, address, size, op, order, access.lo, access.hi, lo, hi, isAsleep];
  return hashText(parts.join(), 1);
}

function keyHashes({ name, source }: ReplayKey): readonly [string, string] {
  return [hashText(name, 4), hashText(source, 4)];
}

function hashText(text: string, digits: number): string {
  const bytes = createHash('sha256').update(text).digest();
  return Array.from(bytes.subarray(0, digits), (byte) => DIGITS[byte & 63]).join('');
}

function runsText(steps: readonly number[]): string {
  let text = '';
  for (let at = 0; at < steps.length; ) {
    const step = steps[at] as number;
    let count = 1;
    const kind = stepKind(step);
    if (kind === Step.access || kind === Step.flush) {
      while (steps[at + count] === step) count += 1;
    }
    text += runText(step, count);
    at += count;
  }
  return text;
}

function runText(step: number, count: number): string {
  const letter = LETTERS[stepActor(step)] ?? '';
  const number = count === 1 ? '' : String(count);
  switch (stepKind(step)) {
    case Step.access:
      return `${letter}${number}`;
    case Step.flush:
      return `${letter.toUpperCase()}${number}`;
    case Step.limit:
      return `t${letter}`;
    default:
      return `w${letter}${stepWaiter(step)}`;
  }
}

function readRuns(text: string, whole: string): number[] {
  const steps: number[] = [];
  const run = /t([a-h])|w([a-h])(\d+)|([a-hA-H])(\d*)/y;
  while (run.lastIndex < text.length) {
    const at = run.lastIndex;
    const found = run.exec(text);
    if (!found) fail(whole, `'${text.slice(at)}' is no schedule`);
    const [, limit, kept, waiter, letter = '', count] = found as RegExpExecArray;
    if (limit) steps.push(stepOf(Step.limit, LETTERS.indexOf(limit)));
    else if (kept) steps.push(stepOf(Step.asyncLimit, LETTERS.indexOf(kept), Number(waiter)));
    else {
      const actor = LETTERS.indexOf(letter.toLowerCase());
      const kind = letter === letter.toLowerCase() ? Step.access : Step.flush;
      for (let n = 0; n < Number(count || 1); n++) steps.push(stepOf(kind, actor));
    }
  }
  return steps;
}

function fail(text: string, why: string): never {
  throw new ExploreError(`--replay ${text}: ${why}`);
}
