import type { TrialConfig } from '../report/result.ts';
import type { Pipe } from './syslet-actor.ts';
import type { TrialMemory } from './trial-memory.ts';

/** What a thread of a trial is told when it starts. */
export interface ThreadPlan {
  readonly file: string;
  readonly memory: TrialMemory;
  readonly config: TrialConfig;
  readonly seed: number;
  /** This one of `threads`. Thread 0 leads; those that run JavaScript come first. */
  readonly thread: number;
  readonly threads: number;
  /** Threads that run JavaScript: they share the grading. */
  readonly graders: number;
  /** Its actor, or '' for a thread that only grades. */
  readonly actor: string;
  /** Looks at a barrier before a thread sleeps. */
  readonly looks: number;
  /** For how long samples are taken. */
  readonly ms: number;
  /** For blockers and signallers, by the name of their ring. */
  readonly pipes: Readonly<Record<string, Pipe>>;
  /** Processors that the thread may use; none: any. */
  readonly cpus: readonly number[];
}

/** What a thread tells the trial's main thread. */
export type ThreadMessage =
  | { readonly kind: 'ready'; readonly pinError: number; readonly thread: number }
  | { readonly kind: 'counting' }
  | { readonly kind: 'rare'; readonly thread: number; readonly counts: Record<string, number> }
  | { readonly kind: 'threw'; readonly thread: number; readonly report: ThrownReport }
  | {
      readonly kind: 'done';
      readonly thread: number;
      /** Of the leader: in which time samples were taken. */
      readonly ms: number;
      readonly counts: Record<string, number>;
    };

export interface ThrownReport {
  /** `actor left`, `arbiter`, … */
  readonly where: string;
  readonly actor: string;
  readonly iteration: number;
  readonly message: string;
  readonly stack: string;
}
