import type { RunResult, TrialConfig } from '../report/result.ts';
import type { Params } from '../scenario/index.ts';

/** What the process that runs scenarios for a test is told. */
export interface RunRequest {
  readonly path: string;
  readonly params: Params;
  /** For each scenario of the file. */
  readonly timeMs: number;
  readonly seed: number;
  readonly config: TrialConfig | undefined;
  readonly timeoutMs: number | undefined;
  readonly keepGoing: boolean;
  readonly tool: string;
}

/** What it says: a run that is not graded, or what was wrong with the file. */
export type RunAnswer =
  | { readonly result: RunResult }
  | { readonly error: { readonly name: string; readonly message: string } };
