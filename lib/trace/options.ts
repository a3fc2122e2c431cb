import { checkInteger } from '../check.ts';
import { MIN_EVENTS } from './layout.ts';

export interface TraceOptions {
  /** OS threads that find room; events of those that do not are counted. Default 32. */
  readonly tasks?: number;
  /** Events kept of each, the newest; a power of two, 40 bytes each. Default 4096. */
  readonly events?: number;
}

const DEFAULT_TASKS = 32;
const DEFAULT_EVENTS = 4096;
const MAX_TASKS = 65_536;
const MAX_EVENTS = 1 << 22;

/** Throws unless a trace can have so many tasks and events. */
export function checkTraceOptions({
  tasks = DEFAULT_TASKS,
  events = DEFAULT_EVENTS,
}: TraceOptions): Required<TraceOptions> {
  checkInteger('tasks', tasks, 1, MAX_TASKS);
  checkInteger('events', events, MIN_EVENTS, MAX_EVENTS);
  if ((events & (events - 1)) === 0) return { tasks, events };
  throw new RangeError(`events is ${events}, expected a power of two: ${above(events)}, say`);
}

function above(events: number): number {
  return 2 ** Math.ceil(Math.log2(events));
}
