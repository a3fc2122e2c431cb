import { createHash } from 'node:crypto';
import { byText } from './order.ts';
import type { EarlyEnd, MachineFacts, RunResult, ScenarioResult, Shard } from './result.ts';
import { ScenarioTally, type ScenarioTotals } from './scenario-tally.ts';

/** One run among those that were merged. */
export interface RunFacts {
  /** Files that hold it: more than one where a file was copied. */
  readonly files: readonly string[];
  readonly tool: string;
  readonly seed: number;
  readonly shard: Shard | null;
  readonly started: string;
  readonly ms: number;
  readonly machine: MachineFacts;
  readonly notes: readonly string[];
  readonly ended?: EarlyEnd;
  readonly scenarios: number;
  readonly trials: number;
  readonly samples: number;
}

/** Runs added up: the size of what differs in them, not of what was read. */
export interface Merged {
  readonly runs: readonly RunFacts[];
  readonly scenarios: readonly ScenarioTotals[];
}

type OpenRun = { -readonly [K in keyof RunFacts]: RunFacts[K] };

/**
 * Adds up runs, in time linear in their size; runs may be let go after `add`.
 *
 * The result is the same in whatever order and grouping they come. A run that is given twice counts
 * once. Scenarios of one name are the same one if source, registers and table are; else they stay
 * apart.
 */
export class Merge {
  readonly #runs = new Map<string, OpenRun>();
  readonly #scenarios = new Map<string, ScenarioTally>();

  add(run: RunResult, file: string): this {
    const key = digest(run);
    const known = this.#runs.get(key);
    if (known) {
      known.files = joined(known.files, [file]);
      return this;
    }
    this.#runs.set(key, factsOf(run, file));
    for (const scenario of run.scenarios) this.#tally(scenario).add(scenario);
    return this;
  }

  /** Sorted, so that equal sets of runs give equal results. */
  result(): Merged {
    return {
      runs: [...this.#runs.values()].sort(
        (a, b) => byText(a.started, b.started) || byText(a.files[0] ?? '', b.files[0] ?? ''),
      ),
      scenarios: [...this.#scenarios]
        .sort(([a], [b]) => byText(a, b))
        .map(([, tally]) => tally.totals()),
    };
  }

  #tally(scenario: ScenarioResult): ScenarioTally {
    const { name, source, description, actors, registers, outcomes } = scenario;
    const key = JSON.stringify([name, source, description, actors, registers, outcomes]);
    const known = this.#scenarios.get(key);
    if (known) return known;
    const fresh = new ScenarioTally(scenario);
    this.#scenarios.set(key, fresh);
    return fresh;
  }
}

/** All runs at once. */
export function mergeRuns(runs: Iterable<readonly [RunResult, string]>): Merged {
  const merge = new Merge();
  for (const [run, file] of runs) merge.add(run, file);
  return merge.result();
}

function factsOf(run: RunResult, file: string): OpenRun {
  const { tool, seed, shard, started, ms, machine, notes, ended, scenarios } = run;
  const trials = scenarios.flatMap((one) => one.trials);
  return {
    files: [file],
    tool,
    seed,
    shard: shard ?? null,
    started,
    ms,
    machine,
    notes,
    ...(ended ? { ended } : {}),
    scenarios: scenarios.length,
    trials: trials.length,
    samples: trials.reduce((sum, trial) => sum + trial.samples, 0),
  };
}

/** Tells a copy of a run from another run: of everything in it. */
function digest(run: RunResult): string {
  const hash = createHash('sha256');
  const { scenarios, ...rest } = run;
  hash.update(JSON.stringify(rest));
  for (const { trials, ...scenario } of scenarios) {
    hash.update(JSON.stringify(scenario));
    for (const trial of trials) hash.update(JSON.stringify(trial));
  }
  return hash.digest('base64');
}

/** Both lists as a set, sorted. */
export function joined(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])].sort(byText);
}
