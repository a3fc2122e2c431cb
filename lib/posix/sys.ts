import { Loop, type LoopCounters, type LoopOptions, newTally } from '../loop/index.ts';
import { anyCall } from './any-call.ts';
import type { PosixCall } from './call-types.ts';
import type { Definition } from './define.ts';
import { RawCalls } from './raw.ts';
import { table } from './table.ts';
import { wrapper } from './wrapper.ts';

type Wrapped<D> = D extends Definition<infer A, infer R> ? PosixCall<A, R> : never;

/** The calls of the table. */
export type SysCalls = { readonly [K in keyof typeof table]: Wrapped<(typeof table)[K]> };

const rows: readonly Definition[] = Object.values(table as object);
const calls: unknown = Object.fromEntries(rows.map((row) => [row.name, wrapper(row)]));

/** What `sys` has beside the calls. */
const control = {
  /** Any other system call, by name or number; the result is a number. */
  call: anyCall,

  /** Options of this thread's loop, before its first call. */
  configure(options: LoopOptions): void {
    Loop.configure(options);
  },

  /** What became of this thread's calls since it was attached; all zero while it is not. */
  counters(): LoopCounters {
    return (
      Loop.running?.counters() ?? { ...newTally(), inFlight: 0, awaitingReadiness: 0, waiting: 0 }
    );
  },

  /** Calls of this thread that are in flight, or wait for their descriptor or their turn. */
  get pending(): number {
    return Loop.running?.pending ?? 0;
  },

  /**
   * Interrupts what is pending, which rejects with a DetachedError, and detaches this thread. The
   * next call attaches it anew.
   */
  detach(): void {
    Loop.running?.close();
  },

  /** For those who write a libc: -errno, -ESYSLETPENDING and caller_data, with a ring of its own. */
  raw(elements = 64): RawCalls {
    return new RawCalls(Loop.current().kernel, elements);
  },
};

/**
 * System calls that are synchronous when nothing blocks, and asynchronous when something does. The
 * first call attaches this thread.
 */
export const sys: SysCalls & typeof control = Object.freeze(
  Object.defineProperties({ ...(calls as SysCalls) }, Object.getOwnPropertyDescriptors(control)),
) as SysCalls & typeof control;
