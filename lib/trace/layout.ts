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

const sizeOf = (type: Type): number => layout(type, hostTarget).size;

export const HEADER_BYTES = sizeOf(syslet_trace);
export const TASK_BYTES = sizeOf(syslet_trace_task);
export const EVENT_BYTES = sizeOf(syslet_trace_event);

const inHeader = (member: string): number => placeOf(syslet_trace, hostTarget, member).offset;
const inTask = (member: string): number => placeOf(syslet_trace_task, hostTarget, member).offset;
const inEvent = (member: string): number => placeOf(syslet_trace_event, hostTarget, member).offset;

/** Offsets in bytes. */
export const HEADER = {
  magic: inHeader('magic'),
  context: inHeader('context'),
  pid: inHeader('pid'),
  tasks: inHeader('tasks'),
  events: inHeader('events'),
  used: inHeader('used'),
  stackBytes: inHeader('stack_bytes'),
  unrecorded: inHeader('unrecorded'),
  time: inHeader('time'),
  ns: inHeader('ns'),
  timeEnd: inHeader('time_end'),
  nsEnd: inHeader('ns_end'),
  detached: inHeader('detached'),
} as const;

export const TASK = {
  written: inTask('written'),
  stack: inTask('stack'),
  task: inTask('task'),
  tid: inTask('tid'),
  name: inTask('name'),
} as const;

export const EVENT = {
  time: inEvent('time'),
  nr: inEvent('nr'),
  kind: inEvent('kind'),
  seq: inEvent('seq'),
  other: inEvent('other'),
  data: inEvent('data'),
  value: inEvent('value'),
} as const;

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
  return HEADER_BYTES + tasks * (TASK_BYTES + events * EVENT_BYTES);
}
