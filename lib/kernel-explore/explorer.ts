import { execFile } from 'node:child_process';
import { ExploreKernelError } from './error.ts';
import type { Exploration, KernelModel } from './scenarios.ts';
import { noteUse } from './used.ts';

/** What one execution ended with, and how to make it again. */
export interface KernelOutcome {
  readonly count: number;
  readonly values: readonly number[];
  /** The check that failed, or what became of the execution; none: it ended well. */
  readonly failure?: string;
  /** Of the first execution with this outcome. */
  readonly schedule: string;
}

/** A step of a replay. */
export interface KernelStep {
  readonly actor: number;
  readonly name: string;
  readonly op: string;
  readonly what?: string;
  readonly value?: number;
  readonly pc?: string;
  readonly chosen?: number;
  /** A store that waits in its buffer, or is seen before those that wait. */
  readonly store?: 'waits' | 'passes';
  /** How many stores of the actor wait, when the step has been made. */
  readonly waiting?: number;
  /** Of a fence, which may be everyone's: the same of each actor. */
  readonly everywhere?: readonly number[];
}

/** What the program native/sim/main.c prints. */
export interface KernelSearch {
  readonly scenario: string;
  readonly model: KernelModel;
  readonly preemptions: number;
  readonly delays: number;
  /** All executions within the bounds were searched. */
  readonly complete: boolean;
  /** What ran out: `states`, `time`, `outcomes`; empty: nothing. */
  readonly cut: string;
  readonly states: number;
  readonly executions: number;
  readonly steps: number;
  readonly accesses: number;
  readonly ms: number;
  /** How often the last execution was preempted. */
  readonly preempted: number;
  readonly outcomes: readonly KernelOutcome[];
  readonly trace?: readonly KernelStep[];
  /** How many repetitions of a replay ended as the first. */
  readonly same?: number;
  /** Why a schedule could not be replayed to its end. */
  readonly replay?: string;
}

export interface SearchLimits {
  readonly timeMs?: number;
  readonly states?: number;
  /** So many executions at random, instead of all. */
  readonly random?: { readonly executions: number; readonly seed: number };
  readonly replay?: string;
  /** Makes the replay so many times more. */
  readonly repeat?: number;
  /** Switches at each access, also where no other actor can see it: for tests of the reduction. */
  readonly everyAccess?: boolean;
  readonly signal?: AbortSignal;
}

/** Searches one scenario's executions with the program that buildExplorer made. */
export async function explore(
  program: string,
  scenario: string,
  exploration: Exploration,
  limits: SearchLimits = {},
): Promise<KernelSearch> {
  const args = [
    scenario,
    '--model',
    exploration.model,
    ...boundArgs(exploration),
    ...limitArgs(limits),
  ];
  noteUse(program);
  const text = await output(program, args, limits.signal);
  try {
    return JSON.parse(text) as KernelSearch;
  } catch (error) {
    throw new ExploreKernelError(
      `${program} ${args.join(' ')} printed no result: ${text.slice(0, 200) || 'nothing'} (${String(error)})`,
    );
  }
}

function boundArgs({ preemptions, delays }: Exploration): readonly string[] {
  return [
    ...(preemptions === undefined ? [] : ['--bound', `${preemptions}`]),
    ...(delays === undefined ? [] : ['--delays', `${delays}`]),
  ];
}

function limitArgs(limits: SearchLimits): string[] {
  const { timeMs, states, random, replay, everyAccess } = limits;
  const args: string[] = everyAccess ? ['--every-access'] : [];
  if (timeMs !== undefined) args.push('--time', `${Math.max(1, Math.round(timeMs))}`);
  if (states !== undefined) args.push('--states', `${states}`);
  if (random) args.push('--random', `${random.executions}`, '--seed', `${random.seed}`);
  if (replay !== undefined) args.push('--replay', replay);
  if (limits.repeat !== undefined) args.push('--repeat', `${limits.repeat}`);
  return args;
}

/** Status 1 says that an execution failed, which the result says too. */
function output(program: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 2 ** 30, ...(signal && { signal }) };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (!error || error.code === 1) resolve(stdout);
      else
        reject(new ExploreKernelError(`${program} ${args.join(' ')}: ${stderr || error.message}`));
    });
  });
}
