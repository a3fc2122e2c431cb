import { whyNotExplored } from '../explore/index.ts';
import { grade, mergeRuns, type RunResult } from '../report/index.ts';
import { askedText, type Found, quoted } from '../stress/index.ts';

/** For what stress has seen and the table forbids: how to get the schedule that shows it. */
export function exploreHints(result: RunResult, found: readonly Found[]): string {
  const failed = grade(mergeRuns([[result, '']])).scenarios.filter(
    ({ verdict }) => verdict === 'failed',
  );
  const lines = failed.flatMap(({ title, outcomes, history }) => {
    const one = found.find(({ name }) => name === title);
    if (!one || whyNotExplored(one.scenario) !== undefined) return [];
    if (history)
      return [`  syslets explore ${askedText(one)} --program ${quoted(history.program)}\n`];
    const wrong = outcomes.find(({ expect, samples }) => expect === 'forbidden' && samples > 0);
    const outcome = wrong ? ` --outcome ${quoted(wrong.outcome)}` : '';
    return [`  syslets explore ${askedText(one)}${outcome}\n`];
  });
  return lines.length === 0 ? '' : `the shortest schedule that shows it:\n${lines.join('')}`;
}
