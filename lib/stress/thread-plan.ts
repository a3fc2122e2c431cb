import type { TrialConfig } from '../report/result.ts';
import type { Params } from '../scenario/index.ts';
import type { WorkerPlan } from './histories/messages.ts';
import type { Sighting } from './sightings.ts';
import type { Pipe } from './syslet-actor.ts';
import type { TrialMemory } from './trial-memory.ts';

/** Which scenario a thread loads; it can do so before it knows its part. */
export interface ThreadLoad {
  readonly file: string;
  readonly params: Params | undefined;
}

/** What a thread of a session is told when it starts. */
export interface ThreadPlan {
  readonly memory: TrialMemory;
  /** What stays the same for all rounds. */
  readonly fixed: Pick<TrialConfig, 'jit' | 'padding'>;
  readonly seed: number;
  /** This one of `threads`. Thread 0 leads; those that run JavaScript come first. */
  readonly thread: number;
  readonly threads: number;
  /** Threads that run JavaScript: they share the grading. */
  readonly graders: number;
  /** Its actor, or '' for a thread that only grades. */
  readonly actor: string;
  /** For blockers and signallers, by the name of their ring. */
  readonly pipes: Readonly<Record<string, Pipe>>;
  /** Processors of this process; undefined where threads cannot be pinned. */
  readonly allowed: readonly number[] | undefined;
}

export type ThreadOrder =
  | ({ readonly kind: 'load' } & ThreadLoad)
  | { readonly kind: 'plan'; readonly plan: ThreadPlan }
  /** Of a structure: more orders follow, one for each program. */
  | { readonly kind: 'histories'; readonly plan: WorkerPlan };

/** What a thread tells the session's main thread. */
export type ThreadMessage =
  | {
      readonly kind: 'ready';
      readonly pinError: number;
      readonly thread: number;
      /** The OS's number of it, where that is known. */
      readonly tid: number | undefined;
    }
  | { readonly kind: 'seen'; readonly sighting: Sighting }
  | { readonly kind: 'rare'; readonly thread: number; readonly counts: Record<string, number> }
  | { readonly kind: 'threw'; readonly thread: number; readonly report: ThrownReport }
  | {
      /** A round is over, of this thread. */
      readonly kind: 'round';
      readonly thread: number;
      readonly round: number;
      readonly counts: Record<string, number>;
      /** Of the leader: in which time its samples were taken. */
      readonly ms: number;
    }
  | { readonly kind: 'done'; readonly thread: number };

export interface ThrownReport {
  /** `actor left`, `arbiter`, … */
  readonly where: string;
  readonly actor: string;
  readonly iteration: number;
  readonly message: string;
  readonly stack: string;
}
