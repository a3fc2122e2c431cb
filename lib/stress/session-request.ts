import type {
  FailedHistory,
  Repetition,
  TrialConfig,
  TrialDetail,
  TrialEnd,
} from '../report/result.ts';
import type { Params } from '../scenario/index.ts';
import type { Sighting } from './sightings.ts';

/** What a host, a process that takes samples, is asked for. */
export interface SessionRequest {
  readonly file: string;
  readonly params: Params | undefined;
  /** The same for all rounds where `isFixed`; else code and padding alone. */
  readonly config: TrialConfig;
  readonly isFixed: boolean;
  readonly seed: number;
  /** Milliseconds since 1970 at which the session is over. */
  readonly until: number;
  /** The end of the whole run: actors that stand still are looked at until then. */
  readonly latest: number;
  /** From the first sample on it has so long, also where the threads started late; but not after `latest`. */
  readonly leastMs: number;
  /** After so long without a step of any thread that has a processor, the actors hang. */
  readonly timeoutMs: number;
  /** The scenario or the user has said so; else a hang is told earlier where it is sure. */
  readonly isLimitGiven: boolean;
  readonly keepGoing: boolean;
  /** Of a structure: this program and no other. */
  readonly program?: string | undefined;
}

/** All rounds of one configuration. */
export interface SessionPart {
  readonly config: TrialConfig;
  readonly seed: number;
  readonly samples: number;
  /** Of a structure: programs that these are histories of. */
  readonly programs?: number;
  readonly ms: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly again?: Repetition;
  /** Of a structure: the history that does not fit, made small. */
  readonly history?: FailedHistory;
}

/** What it takes to make a round again. */
export interface FailedRound extends Pick<SessionPart, 'config' | 'seed'> {
  /** Of a structure: the program that ran. */
  readonly program?: string | undefined;
}

/** What a session has found by now. */
export interface SessionReport {
  readonly parts: readonly SessionPart[];
  readonly sightings: readonly Sighting[];
  readonly end: TrialEnd;
  readonly detail?: TrialDetail;
  /** When its threads had started, in milliseconds since 1970; undefined: they have not. */
  readonly begunAt?: number | undefined;
  /** Of the round under way, in which it ended if it did not end well. */
  readonly last: FailedRound;
  /** How surely a session that ended badly does so again. */
  readonly again?: Repetition | undefined;
  readonly notes: readonly string[];
}

/** What is known of a session once its host is done. */
export interface HostReport extends SessionReport {
  /**
   * From the fork of its process to `begunAt`, without the time in which that was ready and had no part yet. Where its
   * threads have not started: for how long it was waited for.
   */
  readonly startMs: number;
}

/** What a host tells: that it is ready for its part, what it has while a session runs, and when that is over. */
export type SessionMessage =
  | { readonly kind: 'ready'; readonly at: number }
  | { readonly kind: 'progress'; readonly report: SessionReport }
  | { readonly kind: 'over'; readonly report: SessionReport };
