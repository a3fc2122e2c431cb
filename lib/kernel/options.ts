import type { Watcher } from '../binding.ts';
import { checkChoice, checkInteger, checkNames, expected } from '../check.ts';
import { CompletionRing } from '../ring/index.ts';
import { nextTraceFile, TraceMemory } from '../trace/index.ts';
import type { Frame } from './frame.ts';
import { defaultMaxTasks, LEAST_TASKS } from './task-limit.ts';

export const WATCHERS = ['auto', 'perf', 'sampler', 'spin', 'clock'] as const;

export type Overflow = 'reserve' | 'block' | 'v7';

export interface KernelOptions {
  /** Who notices that a call blocks; default: `auto`, the best that can be had at each moment. */
  readonly watcher?: Watcher | 'auto';
  /** `v7` is that of 2007 with its defects (docs/defects.md); overflow is `v7` then, too. */
  readonly policy?: 'default' | 'v7';
  /** A full ring: `reserve` refuses the call (EAGAIN), `block` waits, `v7` overwrites. */
  readonly overflow?: Overflow;
  /**
   * Cap on OS threads of this context, its own among them, but for one that is kept in reserve for
   * the day when the machine gives none. At the cap a call that blocks holds JavaScript until a
   * task is free, `worker.terminate()` and `process.exit()` end it all the same, and a dispatch is
   * refused (EAGAIN). Default: 1,024, or half of what RLIMIT_NPROC and the pids control groups
   * leave, if that is less.
   */
  readonly maxTasks?: number;
  /** Tasks that nobody needed for so long exit, but for a few. Default: 5,000. */
  readonly idleMs?: number;
  /** Submission blocks, 128 bytes each. */
  readonly slots?: number;
  /** Default ring of calls: one of yours, or how many elements. */
  readonly ring?: CompletionRing | number;
  /** Where this context's tasks write what happens to them (docs/trace.md). */
  readonly trace?: TraceMemory;
}

/** What newCall can set at once; each can be changed later. */
export interface CallOptions {
  readonly ring?: CompletionRing;
  readonly frame?: Frame;
}

const DEFAULT_SLOTS = 64;
const MAX_SLOTS = 65_536;
const DEFAULT_ELEMENTS = 256;
const MOST_TASKS = 32_000; // kernel stacks that the host has room for, and some to spare
const DEFAULT_IDLE_MS = 5000;
const MOST_IDLE_MS = 0x7fff_ffff;

/** Throws unless there can be so many submission blocks. */
export function checkSlots(slots: number = DEFAULT_SLOTS): number {
  return checkInteger('slots', slots, 1, MAX_SLOTS);
}

const NAMES = ['watcher', 'policy', 'overflow', 'maxTasks', 'idleMs', 'slots', 'ring', 'trace'];

export function checkSettings(options: KernelOptions) {
  checkNames(options, NAMES);
  const { watcher = 'auto', policy = 'default', maxTasks, idleMs = DEFAULT_IDLE_MS } = options;
  const overflows: readonly Overflow[] = policy === 'v7' ? ['v7'] : ['reserve', 'block', 'v7'];
  const { overflow = overflows[0] as Overflow } = options;
  return {
    watcher: checkChoice('watcher', watcher, WATCHERS),
    policy: checkChoice('policy', policy, ['default', 'v7']),
    overflow: checkChoice('overflow', overflow, overflows),
    maxTasks: checkInteger('maxTasks', maxTasks ?? defaultMaxTasks(), LEAST_TASKS, MOST_TASKS),
    idleMs: checkInteger('idleMs', idleMs, 1, MOST_IDLE_MS),
  } as const;
}

/** Memory of a trace: the program's own, or a file where the environment asks for one. */
export function traceFor(trace: TraceMemory | undefined) {
  if (trace === undefined) return nextTraceFile(process.env);
  if (trace instanceof TraceMemory) return { trace: trace.bytes, traceTasks: trace.tasks };
  throw new TypeError(expected('trace', trace, 'a TraceMemory'));
}

export function ringFor(ring: CompletionRing | number = DEFAULT_ELEMENTS): CompletionRing {
  if (typeof ring === 'number') return CompletionRing.create(ring);
  if (ring instanceof CompletionRing) return ring;
  throw new TypeError(expected('ring', ring, 'a CompletionRing or a number of elements'));
}
