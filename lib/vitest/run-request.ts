import type { ExploreOptions } from '../explore/index.ts';
import type { ExploreResult } from '../report/explore-result.ts';
import type { RunResult, TrialConfig } from '../report/result.ts';
import type { Params } from '../scenario/index.ts';

/** A structure needs histories of many programs. */
export const DEFAULT_MS = { scenario: 2000, structure: 5000 } as const;

interface FileRequest {
  readonly path: string;
  readonly params: Params;
}

/** What the process that runs scenarios for a test is told: threads are to run them. */
export interface StressRequest extends FileRequest {
  readonly kind: 'stress';
  /** For each scenario of the file; by default see DEFAULT_MS. */
  readonly timeMs: number | undefined;
  readonly seed: number;
  readonly config: Partial<TrialConfig> | undefined;
  readonly timeoutMs: number | undefined;
  readonly keepGoing: boolean;
  readonly tool: string;
}

/** Or they are to be explored. */
export interface ExploreRequest extends FileRequest {
  readonly kind: 'explore';
  readonly options: ExploreOptions & { readonly tool: string };
}

export type RunRequest = StressRequest | ExploreRequest;

/** What it says of each kind: a run that is not graded, or what was explored. */
export interface Results {
  readonly stress: RunResult;
  readonly explore: ExploreResult;
}

/** Or what was wrong with the file. */
export type RunAnswer =
  | { readonly result: Results[keyof Results] }
  | { readonly error: { readonly name: string; readonly message: string } };
