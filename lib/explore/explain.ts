import { answerTexts, Kind, Op, opNames } from './access.ts';
import type { Execution, Operation } from './execution.ts';
import { elementByName } from './realm/elements.ts';
import type { ScenarioProgram } from './scenario-program.ts';

/** A row of the table: one step of one actor. */
export interface ExplainedStep {
  readonly actor: number;
  /** `x = 1`, `r ← x: 0`. */
  readonly text: string;
  /** From whom it read, whom it woke, what is odd about it. */
  readonly notes: readonly string[];
  readonly site: string;
  readonly kind: 'read' | 'write' | 'both' | 'wait' | 'notify' | 'time' | 'flush';
  /** Indices of the steps that wrote what it read. */
  readonly from: readonly number[];
}

/** An execution for people. */
export interface Explanation {
  readonly actors: readonly string[];
  readonly machine: string;
  readonly steps: readonly ExplainedStep[];
  readonly preemptions: number;
  readonly end: { readonly kind: string; readonly text: string };
}

/** The execution as rows: what each step did, what it read and from whom. */
export function explained(program: ScenarioProgram, execution: Execution): Explanation {
  const { operations, machines, preemptions, end } = execution;
  const steps = operations.map((operation, index) =>
    explainedStep(program, operations, operation, index),
  );
  return {
    actors: program.actors,
    machine: machines,
    steps,
    preemptions,
    end: end ?? { kind: 'unfinished', text: '' },
  };
}

function explainedStep(
  program: ScenarioProgram,
  operations: readonly Operation[],
  operation: Operation,
  index: number,
): ExplainedStep {
  const stamp = program.calls?.stampText(operation);
  // the beginning or the end of a call is no access of the user's
  if (stamp !== undefined) {
    return { actor: operation.actor, text: stamp, notes: [], site: '', kind: 'time', from: [] };
  }
  return {
    actor: operation.actor,
    text: textOf(program, operation),
    notes: notesOf(program, operations, operation, index),
    site: operation.kind === 'access' ? program.trees.site(operation.node) : '',
    kind: kindOf(operation),
    from: [...new Set(operation.sources)].filter((writer) => writer >= 0),
  };
}

function kindOf({ kind, access }: Operation): ExplainedStep['kind'] {
  if (kind !== 'access') return kind === 'flush' ? 'flush' : 'time';
  if (access.kind === Kind.load) return 'read';
  if (access.kind === Kind.store) return 'write';
  if (access.kind === Kind.modify) return 'both';
  return access.kind === Kind.notify ? 'notify' : 'wait';
}

function textOf(program: ScenarioProgram, operation: Operation): string {
  const { access, kind, lo, hi, isAsleep } = operation;
  const place = program.placeName(access.address);
  const shown = (low: number, high: number) => valueText(access.type, low, high);
  if (kind === 'limit') return 'its limit passes: timed-out';
  if (kind === 'flush') return `${place} = ${shown(access.lo, access.hi)} leaves the buffer`;
  switch (access.kind) {
    case Kind.load:
      return `${place} → ${shown(lo, hi)}`;
    case Kind.store:
      return `${place} = ${shown(access.lo, access.hi)}`;
    case Kind.modify:
      return modifyText(operation, place);
    case Kind.notify:
      return `notify ${place}: woke ${lo}`;
    default: {
      const expected = shown(access.expectedLo, access.expectedHi);
      const name = access.kind === Kind.wait ? 'wait' : 'waitAsync';
      const answer = isAsleep ? 'sleeps' : (answerTexts[lo as 0] ?? 'a promise');
      return `${name} ${place} while ${expected}: ${answer}`;
    }
  }
}

function modifyText({ access, lo, hi }: Operation, place: string): string {
  const shown = (low: number, high: number) => valueText(access.type, low, high);
  const by = shown(access.lo, access.hi);
  if (access.op !== Op.compareExchange) {
    return `${place} ${opNames[access.op]} ${by}: was ${shown(lo, hi)}`;
  }
  const isDone = lo === access.expectedLo && hi === access.expectedHi;
  const expected = shown(access.expectedLo, access.expectedHi);
  return `${place} ${expected} ⇒ ${by}: ${isDone ? 'done' : `no, it is ${shown(lo, hi)}`}`;
}

/** A value as the language shows it. */
export function valueText(type: string, lo: number, hi: number): string {
  const element = elementByName.get(type.replace(/be$/, ''));
  if (!element) return String(lo);
  if (!type.endsWith('be')) return String(element.get(lo, hi));
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setInt32(0, lo, true);
  bytes.setInt32(4, hi, true);
  new Uint8Array(bytes.buffer, 0, element.size).reverse();
  return String(element.get(bytes.getInt32(0, true), bytes.getInt32(4, true)));
}

function notesOf(
  program: ScenarioProgram,
  operations: readonly Operation[],
  operation: Operation,
  index: number,
): string[] {
  const names = program.actors;
  const notes: string[] = [];
  const from = sourceNote(names, operations, operation);
  if (from !== undefined) notes.push(from);
  if (isStale(operations, operation)) notes.push('stale: a newer store is still in a buffer');
  const lost = lostUpdate(operations, operation, index);
  if (lost !== undefined) {
    notes.push(`lost update: writes over step ${lost + 1}, which it had not read`);
  }
  if (operation.woken.length > 0 && operation.access.kind === Kind.notify) {
    notes.push(`wakes ${operation.woken.map((other) => names[other]).join(', ')}`);
  }
  if (operation.access.kind === Kind.notify && operation.kind === 'access' && operation.lo === 0) {
    notes.push('no waiter');
  }
  const rival = raceWith(operations, operation, index);
  if (rival !== undefined) notes.push(`races with step ${rival + 1}`);
  return notes;
}

function sourceNote(
  names: readonly string[],
  operations: readonly Operation[],
  { sources, actor }: Operation,
): string | undefined {
  const writers = [...new Set(sources)];
  if (writers.length === 0) return undefined;
  const texts = writers.map((writer) => {
    if (writer < 0) return 'the beginning';
    const by = (operations[writer] as Operation).actor;
    return `step ${writer + 1} of ${by === actor ? 'its own' : names[by]}`;
  });
  return writers.length === 1 ? `from ${texts[0]}` : `torn: from ${texts.join(' and ')}`;
}

/** Another actor's store to these bytes has been made and cannot be seen yet. */
function isStale(operations: readonly Operation[], operation: Operation): boolean {
  if (operation.kind !== 'access' || operation.sources.length === 0) return false;
  const at = operations.indexOf(operation);
  return operations.slice(0, at).some((other, index) => {
    if (other.actor === operation.actor || other.access.kind !== Kind.store) return false;
    if (other.kind !== 'access' || other.access.order !== 0 || !overlaps(other, operation))
      return false;
    const flushes = operations
      .slice(index + 1)
      .findIndex(
        (one) => one.kind === 'flush' && one.actor === other.actor && one.node === other.node,
      );
    return flushes >= 0 && flushes + index + 1 > at;
  });
}

/** The other actor's write that this store writes over, though its actor has read before that. */
function lostUpdate(
  operations: readonly Operation[],
  operation: Operation,
  index: number,
): number | undefined {
  if (operation.kind !== 'access' || operation.access.kind !== Kind.store) return undefined;
  let read = index - 1;
  for (; read >= 0; read--) {
    const one = operations[read] as Operation;
    if (one.actor === operation.actor && overlaps(one, operation)) break;
  }
  if (read < 0 || (operations[read] as Operation).access.kind !== Kind.load) return undefined;
  for (let at = read + 1; at < index; at++) {
    const one = operations[at] as Operation;
    if (one.actor !== operation.actor && one.hasWritten && overlaps(one, operation)) return at;
  }
  return undefined;
}

/** The next access of another actor that conflicts, where one of the two is plain. */
function raceWith(
  operations: readonly Operation[],
  operation: Operation,
  index: number,
): number | undefined {
  if (operation.kind !== 'access') return undefined;
  const next = operations.findIndex(
    (one, at) => at > index && one.kind === 'access' && one.actor !== operation.actor,
  );
  const other = operations[next];
  if (!other || !overlaps(other, operation)) return undefined;
  if (!other.hasWritten && !operation.hasWritten) return undefined;
  const isAtomic = other.access.order === 1 && operation.access.order === 1;
  const isSameRange =
    other.access.address === operation.access.address &&
    other.access.size === operation.access.size;
  return isAtomic && isSameRange ? undefined : next;
}

export function overlaps(a: Operation, b: Operation): boolean {
  const [one, other] = [a.access, b.access];
  return one.address < other.address + other.size && other.address < one.address + one.size;
}
