import type { GradedOutcome } from './grade.ts';
import { duration, grouped, timeOption } from './numbers.ts';
import type { NotBegun } from './result.ts';
import type { ScenarioTotals } from './scenario-tally.ts';

const NO_TRIAL =
  'no sample was taken: the time was over, or this shard has none of it; give more --time, or fewer shards';

/** Why nothing forbidden was seen and that does not say much; what would suffice. */
export function whyInconclusive(
  totals: ScenarioTotals,
  outcomes: readonly GradedOutcome[],
  archs: readonly string[],
): string[] {
  const { ends, troubles, trials, samples, skipped, notBegun } = totals;
  if (trials === 0) return skipped.length > 0 ? [] : [notBegun ? slowText(notBegun) : NO_TRIAL];
  const cut = troubles.find(({ end }) => end === 'cut');
  return [
    ...(ends.cut > 0 ? [`${cut?.detail?.message ?? 'actors stood still'}; give more --time`] : []),
    ...(samples === 0
      ? ['no sample was taken; give more --time']
      : [...tooFew(totals, 'samples', 'minSamples'), ...tooFew(totals, 'programs', 'minPrograms')]),
    ...outcomes.filter((one) => isMissing(one, archs)).map(missingText),
  ];
}

function slowText({ startMs, enoughMs }: NotBegun): string {
  const start = `a process took ${duration(startMs)} to start`;
  return `no sample was taken: the machine gave no time, ${start}; --time ${timeOption(enoughMs)} would suffice`;
}

function tooFew(
  totals: ScenarioTotals,
  what: 'samples' | 'programs',
  least: 'minSamples' | 'minPrograms',
): string[] {
  const { ms, [what]: made, [least]: wanted } = totals;
  if (made >= wanted) return [];
  const left = (ms / made) * (wanted - made);
  const enough =
    made === 0 ? 'more --time' : `${duration(Math.max(1000, left))} more of --time at this rate`;
  return [
    `${grouped(made)} ${what}, ${grouped(wanted)} are wanted: ${enough}, or set ${least} of the scenario`,
  ];
}

/** A witness that one of the processors could have shown. */
function isMissing({ samples, witness }: GradedOutcome, archs: readonly string[]): boolean {
  if (samples > 0 || witness === undefined || witness === false) return false;
  return witness === true || archs.some((arch) => witness.includes(arch));
}

function missingText({ outcome, reason }: GradedOutcome): string {
  return `the witness ${outcome} (${reason}) was not seen; give more --time`;
}
