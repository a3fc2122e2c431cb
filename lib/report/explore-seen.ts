import type { Report } from './grade.ts';

/** How often stress has seen each outcome, by the scenario's name: the column SEEN. */
export type Seen = ReadonlyMap<string, ReadonlyMap<string, number>>;

export function seenIn(report: Report | undefined): Seen {
  const scenarios = report?.scenarios ?? [];
  return new Map(
    scenarios.map(({ title, outcomes }) => [
      title,
      new Map(outcomes.map(({ outcome, samples }) => [outcome, samples])),
    ]),
  );
}
