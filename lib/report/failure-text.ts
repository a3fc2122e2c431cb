import type { GradedOutcome, GradedScenario } from './grade.ts';

const MOST_OUTCOMES = 20;

/** What went wrong a line each, the worst first. */
export function failureText({ outcomes, troubles, ends, reasons }: GradedScenario): string {
  const seen = outcomes
    .filter(isForbidden)
    .map(({ outcome, samples, reason }) => `forbidden: ${outcome} (${samples} times): ${reason}`);
  const first = troubles.find(({ end }) => end !== 'cut');
  const count = ends.hung + ends.died + ends.threw;
  const ended = first ? [`${first.end}: ${first.detail?.message ?? ''} (${count} trials)`] : [];
  const why = reasons.map((one) => `not enough: ${one}`);
  return [...seen.slice(0, MOST_OUTCOMES), ...hiddenText(seen.length), ...ended, ...why].join('\n');
}

function hiddenText(count: number): string[] {
  return count > MOST_OUTCOMES ? [`and ${count - MOST_OUTCOMES} more forbidden outcomes`] : [];
}

/** Seen, and wrong. */
export function isForbidden({ samples, expect }: GradedOutcome): boolean {
  return samples > 0 && expect === 'forbidden';
}
