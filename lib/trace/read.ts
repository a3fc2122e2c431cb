import { hostTarget } from '../host-target.ts';
import {
  type EventKind,
  KINDS,
  NAME_BYTES,
  TRACE_MAGIC,
  traceBytes,
  traceLayout,
} from './layout.ts';

export interface TaskEvent {
  /** Nanoseconds of CLOCK_MONOTONIC since the context was attached. */
  readonly ns: number;
  readonly kind: EventKind;
  /** Of the system call; 0 if the event is not of one. */
  readonly nr: number;
  /** Number of the call in its context: joins the events of one call. 0: none. */
  readonly seq: number;
  /** The other task of `blocked`, `handOff` and `dispatch`. */
  readonly other: number;
  /** `caller_data` of `enter`, `completion`, `lost`, `frameReturn`; address of `wake`. */
  readonly data: bigint;
  /** Result of `return` and `completion`, -errno of `lost`; `frameReturn`: 1 if to park. */
  readonly value: bigint;
}

export interface TaskTrace {
  readonly task: number;
  readonly tid: number;
  /** As top and gdb show it. */
  readonly name: string;
  /** Lowest address of its kernel stack: a word that a task sleeps on often lies there. */
  readonly stack: bigint;
  /** Events that newer ones have overwritten. */
  readonly lost: number;
  readonly events: readonly TaskEvent[];
}

/** One context's trace. */
export interface ContextTrace {
  readonly context: number;
  readonly pid: number;
  /** CLOCK_MONOTONIC at attach, as process.hrtime.bigint() gives it. */
  readonly started: bigint;
  readonly stackBytes: number;
  /** The context has detached: the trace is complete. */
  readonly detached: boolean;
  /** Events of tasks that found no room. */
  readonly unrecorded: number;
  readonly tasks: readonly TaskTrace[];
}

const little = hostTarget.byteOrder === 'little';

/**
 * Reads the memory of a trace, or a file of it.
 *
 * @throws RangeError if that is not a trace, or not all of one.
 */
export function readTrace(bytes: Uint8Array): ContextTrace {
  const memory = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkTrace(memory);
  const { header } = traceLayout();
  const u32 = (at: number): number => memory.getUint32(at, little);
  const u64 = (at: number): bigint => memory.getBigUint64(at, little);
  const used = Math.min(u32(header.used), u32(header.tasks));
  const clock = clockOf(memory);
  const parts = Array.from({ length: used }, (_, i) => taskTrace(memory, i, clock));
  return {
    context: u32(header.context),
    pid: u32(header.pid),
    started: u64(header.ns),
    stackBytes: u32(header.stack_bytes),
    detached: u32(header.detached) !== 0,
    unrecorded: Number(u64(header.unrecorded)),
    tasks: parts.filter(({ tid }) => tid !== 0),
  };
}

function checkTrace(memory: DataView): void {
  const { header, headerBytes } = traceLayout();
  const size = memory.byteLength;
  if (size < headerBytes || memory.getBigUint64(header.magic, little) !== TRACE_MAGIC) {
    throw new RangeError('this is not a trace: it does not begin with "strace1"');
  }
  const tasks = memory.getUint32(header.tasks, little);
  const events = memory.getUint32(header.events, little);
  const whole = traceBytes(tasks, events);
  if (whole > size) {
    throw new RangeError(
      `the trace is cut off: ${size} bytes, expected ${whole} for ${tasks} tasks with ${events} events`,
    );
  }
}

type Clock = (time: bigint) => number;

/** The host's clock is calibrated by a short loop: a trace that has ended tells its true speed. */
function clockOf(memory: DataView): Clock {
  const { header } = traceLayout();
  const at = (offset: number): bigint => memory.getBigUint64(offset, little);
  const begun = at(header.time);
  const ended = at(header.time_end);
  const speed =
    ended > begun ? Number(at(header.ns_end) - at(header.ns)) / Number(ended - begun) : 1;
  return (time) => Math.round(Number(time - begun) * speed);
}

function taskTrace(memory: DataView, index: number, clock: Clock): TaskTrace {
  const { header, headerBytes, task, taskBytes, eventBytes } = traceLayout();
  const part = headerBytes + index * taskBytes;
  const written = (): number => Number(memory.getBigUint64(part + task.written, little));
  const capacity = memory.getUint32(header.events, little);
  const first =
    headerBytes +
    memory.getUint32(header.tasks, little) * taskBytes +
    index * capacity * eventBytes;
  const before = written();
  const events: TaskEvent[] = [];
  // counted from 0: a file may say any u64, and a number beyond 2^53 plus one is itself
  const count = Math.min(before, capacity);
  const oldest = before - count;
  for (let i = 0; i < count; i++) {
    events.push(eventAt(memory, first + ((oldest + i) & (capacity - 1)) * eventBytes, clock));
  }
  const kept = Math.min(events.length, whole(before, written(), capacity));
  return {
    task: memory.getUint32(part + task.task, little),
    tid: memory.getUint32(part + task.tid, little),
    name: nameAt(memory, part + task.name),
    stack: memory.getBigUint64(part + task.stack, little),
    lost: before - kept,
    events: events.slice(events.length - kept),
  };
}

/** Of the newest `capacity` events before `before`, how many no later one has touched. */
function whole(before: number, after: number, capacity: number): number {
  if (after === before) return capacity;
  return Math.max(0, before - (after - capacity + 1));
}

function eventAt(memory: DataView, at: number, clock: Clock): TaskEvent {
  const { event } = traceLayout();
  return {
    ns: clock(memory.getBigUint64(at + event.time, little)),
    kind: KINDS[memory.getUint32(at + event.kind, little) - 1] ?? 'enter',
    nr: memory.getUint32(at + event.nr, little),
    seq: memory.getUint32(at + event.seq, little),
    other: memory.getUint32(at + event.other, little),
    data: memory.getBigUint64(at + event.data, little),
    value: memory.getBigInt64(at + event.value, little),
  };
}

function nameAt(memory: DataView, at: number): string {
  const name = new Uint8Array(NAME_BYTES);
  for (let i = 0; i < NAME_BYTES; i++) name[i] = memory.getUint8(at + i);
  const end = name.indexOf(0);
  return new TextDecoder().decode(name.subarray(0, end < 0 ? NAME_BYTES : end));
}
