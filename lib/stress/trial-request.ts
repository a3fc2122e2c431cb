import type { Trial, TrialConfig } from '../report/result.ts';

/** What a trial's process is asked for, as JSON in its only argument. */
export interface TrialRequest {
  readonly file: string;
  readonly config: TrialConfig;
  readonly seed: number;
  /** For how long samples are taken. */
  readonly ms: number;
  /** After so long without a step of any thread, the trial hangs. */
  readonly timeoutMs: number;
  /** Of a structure: this program and no other. */
  readonly program?: string | undefined;
}

/** What the process found; the caller knows the rest of a Trial. */
export type TrialOutcome = Pick<
  Trial,
  'samples' | 'ms' | 'counts' | 'end' | 'detail' | 'history' | 'notes'
>;

/** What a trial's process tells while it runs and when it is over. */
export type TrialMessage =
  | { readonly kind: 'progress'; readonly outcome: TrialOutcome }
  | { readonly kind: 'over'; readonly outcome: TrialOutcome };
