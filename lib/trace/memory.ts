import { traceBytes } from './layout.ts';
import { checkTraceOptions, type TraceOptions } from './options.ts';
import { type ContextTrace, readTrace } from './read.ts';

/**
 * Memory of a trace: given to `Kernel.attach({ trace })`, written by that context's tasks, read
 * here at any time. It serves one context at a time; a second attach starts it anew.
 */
export class TraceMemory {
  readonly tasks: number;
  readonly events: number;
  /** As the kernel side writes it: native/include/syslets/trace.h. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;

  private constructor(tasks: number, events: number) {
    this.tasks = tasks;
    this.events = events;
    this.bytes = new Uint8Array(new SharedArrayBuffer(traceBytes(tasks, events)));
  }

  /** 128 + tasks · (64 + 40 · events) bytes: 5 MiB by default. */
  static create(options: TraceOptions = {}): TraceMemory {
    const { tasks, events } = checkTraceOptions(options);
    return new TraceMemory(tasks, events);
  }

  /**
   * What was written so far. While the context is attached, events that were overwritten during
   * the reading are left out, and count as lost. Undefined if nothing was ever traced into it.
   */
  read(): ContextTrace | undefined {
    return this.bytes[0] === 0 ? undefined : readTrace(this.bytes);
  }
}
