import {
  agentOrder,
  type CandidateExecution,
  isOrdered,
  type MemoryEvent,
  type Pair,
} from '../../memory-model/index.ts';
import { type Access, Kind } from '../access.ts';
import type { End, Program } from '../program.ts';
import { type ArbiterRun, runArbiter } from './arbiter-run.ts';
import { eventOf, eventsOf, initEvent, isReading } from './events.ts';
import { readingsOf } from './reading.ts';
import { type Path, stepOf } from './step.ts';
import { eachSynchronization, type Synchronization } from './synchronization.ts';
import { OUT_OF_TIME, readableValues, TooManyExecutions, type Value } from './writes.ts';

/** Candidate executions that are held against the axioms, at most. */
const MOST_CANDIDATES = 150_000;
const NOTHING = { lo: 0, hi: 0 };

/** The candidates of one choice of paths after the other, and the ends of those that are valid. */
export class Candidates {
  readonly ends = new Map<string, End>();
  count = 0;
  readonly #program: Program;
  readonly #isOver: () => boolean;
  readonly #runs = new Map<string, ArbiterRun>();

  constructor(program: Program, isOver: () => boolean) {
    this.#program = program;
    this.#isOver = isOver;
  }

  /** Looks whether these paths fit together, and what they come to. */
  try(chosen: readonly Path[]): void {
    const { trees, actors } = this.#program;
    const threw = chosen.findIndex(({ end }) => trees.kind[end] === Kind.threw);
    const ends = Int32Array.from(chosen, ({ end }) => end);
    if (threw >= 0) {
      const text = `${actors[threw]}: ${trees.thrown(ends[threw] as number)}`;
      this.#look({ kind: 'threw', text }, chosen);
      return;
    }
    const { text } = this.#run(ends, []);
    if (text !== undefined) this.#look({ kind: 'outcome', text }, chosen);
    else this.#eachValid(this.#begun(chosen), (found) => this.#arbiter(found, ends, []));
  }

  /** An end that is known to be possible is not looked at again. */
  #look(end: End, chosen: readonly Path[]): void {
    const key = `${end.kind} ${end.text}`;
    if (this.ends.has(key)) return;
    if (this.#eachValid(this.#begun(chosen), () => true)) this.ends.set(key, end);
  }

  #begun(chosen: readonly Path[]): CandidateExecution {
    const { trees, memory } = this.#program;
    return withoutReads(eventsOf(trees, memory, chosen));
  }

  /** Valid executions of these events, one for each way to order them; `visit` ends it with true. */
  #eachValid(
    execution: CandidateExecution,
    visit: (valid: CandidateExecution) => boolean,
  ): boolean {
    return eachSynchronization(execution, (found) => {
      this.#count();
      return this.#eachReading(execution, 0, found, visit);
    });
  }

  #eachReading(
    execution: CandidateExecution,
    from: number,
    found: Synchronization,
    visit: (valid: CandidateExecution) => boolean,
  ): boolean {
    const { events, readsBytesFrom } = execution;
    const read = events.findIndex((event, at) => at >= from && event.reads && !readsBytesFrom[at]);
    if (read < 0) return isOrdered(execution, agentOrder(execution)) && visit(execution);
    const readings = readingsOf(events, read, found);
    return readings.some((writers) => {
      const next = { ...execution, readsBytesFrom: readsBytesFrom.with(read, writers) };
      if (readings.length > 1) {
        this.#count();
        if (!isOrdered(next, agentOrder(next))) return false;
      }
      return this.#eachReading(next, read + 1, found, visit);
    });
  }

  #count(): void {
    this.count += 1;
    if (this.count > MOST_CANDIDATES) throw new TooManyExecutions('too many candidate executions');
    if (this.count % 1024 === 0 && this.#isOver()) throw new TooManyExecutions(OUT_OF_TIME);
  }

  /** The arbiter goes on for one access more, with each value that it can have. */
  #arbiter(execution: CandidateExecution, ends: Int32Array, answers: readonly Value[]): boolean {
    const { accesses, text } = this.#run(ends, answers);
    if (text !== undefined) {
      this.ends.set(`outcome ${text}`, { kind: 'outcome', text });
      return false;
    }
    const stores = accesses.slice(answers.length, -1);
    const before = this.#withArbiter(execution, stores, undefined);
    const last = accesses.at(-1) as Access;
    const known = [...answers, ...stores.map(() => NOTHING)];
    if (!isReading(last)) return this.#arbiter(before, ends, [...known, NOTHING]);
    for (const value of this.#finalValues(before, last)) {
      const found = this.#run(ends, [...known, value]).text;
      if (found !== undefined && this.ends.has(`outcome ${found}`)) continue;
      const next = this.#withArbiter(before, [last], value);
      this.#eachValid(next, (valid) => this.#arbiter(valid, ends, [...known, value]));
    }
    return false;
  }

  /** The arbiter's code runs once for the same answers. */
  #run(ends: Int32Array, answers: readonly Value[]): ArbiterRun {
    const key = `${ends.join()} ${answers.map(({ lo, hi }) => `${lo} ${hi}`).join()}`;
    const known = this.#runs.get(key) ?? runArbiter(this.#program, ends, answers);
    this.#runs.set(key, known);
    return known;
  }

  /** Values by what has been written at all; the axioms sort out which of them can be last. */
  #finalValues({ events }: CandidateExecution, access: Access): readonly Value[] {
    const { address, size, tears } = access;
    const init = initEvent(this.#program.memory, address, size);
    const writes = [...events.filter((event) => event.writes && event.agent >= 0), init];
    return readableValues(
      { address, size, noTear: !tears },
      writes.map((event) => ({ ...event, lo: event.writtenLo, hi: event.writtenHi })),
    );
  }

  #withArbiter(
    execution: CandidateExecution,
    accesses: readonly Access[],
    value: Value | undefined,
  ): CandidateExecution {
    const agent = this.#program.actors.length;
    const events = [...execution.events];
    const readsBytesFrom = [...execution.readsBytesFrom];
    const pairs = [...execution.hostSynchronizesWith];
    for (const access of accesses) {
      if (isReading(access)) {
        events.push(initEvent(this.#program.memory, access.address, access.size));
        readsBytesFrom.push(undefined);
      }
      if (pairs.length === 0) pairs.push(...lastEvents(events, agent));
      events.push(eventOf(stepOf(access, 0, value ?? NOTHING), agent, access.order));
      readsBytesFrom.push(undefined);
    }
    return { ...execution, events, readsBytesFrom, hostSynchronizesWith: pairs };
  }
}

function withoutReads(events: readonly MemoryEvent[]): CandidateExecution {
  return {
    events,
    agentSynchronizesWith: [],
    hostSynchronizesWith: [],
    readsBytesFrom: new Array<undefined>(events.length).fill(undefined),
  };
}

/** All agents have ended before the arbiter's first event, which comes next. */
function lastEvents(events: readonly MemoryEvent[], agents: number): Pair[] {
  const pairs: Pair[] = [];
  for (let agent = 0; agent < agents; agent++) {
    const last = events.findLastIndex((event) => event.agent === agent);
    if (last >= 0) pairs.push([last, events.length]);
  }
  return pairs;
}
