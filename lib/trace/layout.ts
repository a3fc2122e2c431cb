import { array, i64, layout, placeOf, struct, type Type, u8, u32, u64 } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';

/** native/include/syslets/trace.h: one event, 40 bytes. */
export const syslet_trace_event = struct('syslet_trace_event', {
  /** Nanoseconds of the host's clock; the header converts them. */
  time: u64,
  nr: u32,
  kind: u32,
  seq: u32,
  other: u32,
  data: u64,
  value: i64,
});

/** What one task writes: 64 bytes, and the events that lie behind all of these. */
export const syslet_trace_task = struct('syslet_trace_task', {
  /** Events so far; the i-th lies at i modulo `events`. */
  written: u64,
  /** Lowest address of its kernel stack. */
  stack: u64,
  task: u32,
  /** 0 before its thread runs. */
  tid: u32,
  name: array(u8, 16),
  reserved: array(u64, 3),
});

/** The head of a trace: 128 bytes. */
export const syslet_trace = struct('syslet_trace', {
  magic: u64,
  context: u32,
  pid: u32,
  tasks: u32,
  events: u32,
  used: u32,
  stack_bytes: u32,
  unrecorded: u64,
  time: u64,
  ns: u64,
  time_end: u64,
  ns_end: u64,
  detached: u32,
  reserved: array(u32, 13),
});

export const TRACE_MAGIC = 0x31656361727473n;
export const MIN_EVENTS = 8;
export const NAME_BYTES = 16;

/** Offsets and sizes in bytes: made when a trace is asked for, which most programs never do. */
export interface TraceLayout {
  readonly headerBytes: number;
  readonly taskBytes: number;
  readonly eventBytes: number;
  readonly header: Readonly<Record<(typeof IN_HEADER)[number], number>>;
  readonly task: Readonly<Record<(typeof IN_TASK)[number], number>>;
  readonly event: Readonly<Record<(typeof IN_EVENT)[number], number>>;
}

const IN_HEADER = [
  'magic',
  'context',
  'pid',
  'tasks',
  'events',
  'used',
  'stack_bytes',
  'unrecorded',
  'time',
  'ns',
  'time_end',
  'ns_end',
  'detached',
] as const;
const IN_TASK = ['written', 'stack', 'task', 'tid', 'name'] as const;
const IN_EVENT = ['time', 'nr', 'kind', 'seq', 'other', 'data', 'value'] as const;

function offsets<Name extends string>(type: Type, names: readonly Name[]): Record<Name, number> {
  const places = names.map((name) => [name, placeOf(type, hostTarget, name).offset]);
  return Object.fromEntries(places) as Record<Name, number>;
}

const sizeOf = (type: Type): number => layout(type, hostTarget).size;

let made: TraceLayout | undefined;

export function traceLayout(): TraceLayout {
  made ??= {
    headerBytes: sizeOf(syslet_trace),
    taskBytes: sizeOf(syslet_trace_task),
    eventBytes: sizeOf(syslet_trace_event),
    header: offsets(syslet_trace, IN_HEADER),
    task: offsets(syslet_trace_task, IN_TASK),
    event: offsets(syslet_trace_event, IN_EVENT),
  };
  return made;
}

/** enum syslet_trace_kind; the first is 1. */
export const KINDS = [
  'enter',
  'return',
  'blocked',
  'handOff',
  'resume',
  'completion',
  'lost',
  'frameReturn',
  'park',
  'wake',
  'home',
  'dispatch',
] as const;

export type EventKind = (typeof KINDS)[number];

/** Bytes of a trace of so many tasks with so many events each. */
export function traceBytes(tasks: number, events: number): number {
  const { headerBytes, taskBytes, eventBytes } = traceLayout();
  return headerBytes + tasks * (taskBytes + events * eventBytes);
}
