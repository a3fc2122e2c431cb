import { setFlagsFromString } from 'node:v8';
import { isLinearizable } from '../linearizability/index.ts';
import { pipesOf } from './cast.ts';
import { HistoryTrial } from './histories/history-trial.ts';
import { loadScenario } from './load-scenario.ts';
import { RunningTrial } from './trial.ts';
import type { TrialMessage, TrialOutcome, TrialRequest } from './trial-request.ts';

const PROGRESS_MS = 100;

const request = JSON.parse(process.argv[2] ?? '') as TrialRequest;

/** Calls `then` when the message has left this process. */
function tell(message: TrialMessage, then: () => void = () => undefined): void {
  process.send?.(message, undefined, undefined, then);
}

function finish(outcome: TrialOutcome): void {
  // threads may be stuck: nothing but the end of the process ends them
  tell({ kind: 'over', outcome }, () => process.exit(0));
}

// whoever asked is gone
process.once('disconnect', () => process.exit(1));

// Before any code of the scenario is compiled. A version of V8 that lacks one of them ignores it.
if (request.config.jit === 'cold') {
  for (const flag of ['--no-opt', '--no-maglev', '--no-sparkplug']) setFlagsFromString(flag);
}

try {
  const found = await loadScenario(request.file);
  const trial = isLinearizable(found)
    ? new HistoryTrial(request, found, finish)
    : new RunningTrial(request, found.definition, await pipesOf(found.definition), finish);
  trial.start();
  setInterval(() => tell({ kind: 'progress', outcome: trial.outcome('ok') }), PROGRESS_MS);
} catch (error) {
  const { message, stack = '' } = error as Error;
  const detail = { message, stack };
  finish({ samples: 0, ms: 0, counts: {}, end: 'threw', detail, notes: [] });
}
