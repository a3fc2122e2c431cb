import { xml } from './escape.ts';
import { wrongMarks } from './explore-model.ts';
import type { ExploredScenario } from './explore-result.ts';
import type { Seen } from './explore-seen.ts';
import { exploredText, exploreVerdict } from './explore-text.ts';
import type { Report } from './grade.ts';
import { stressSuite } from './junit.ts';
import { noPaint } from './paint.ts';

/** JUnit XML: a test case for each scenario. What was not enough for a verdict is an error. */
export function exploreJunit(scenarios: readonly ExploredScenario[], seen?: Seen): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="syslets explore" ${counts(scenarios)}>
${exploreSuite(scenarios, seen)}</testsuites>
`;
}

/** What threads have shown and what can happen, in one file. */
export function junitOfBoth(
  report: Report,
  scenarios: readonly ExploredScenario[],
  seen: Seen,
): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="syslets report">
${stressSuite(report)}${exploreSuite(scenarios, seen)}</testsuites>
`;
}

function counts(scenarios: readonly ExploredScenario[]): string {
  const verdicts = scenarios.map(exploreVerdict);
  const count = (wanted: string) => verdicts.filter((verdict) => verdict === wanted).length;
  return `tests="${scenarios.length}" failures="${count('failed')}" errors="${count('not enough')}"`;
}

function exploreSuite(scenarios: readonly ExploredScenario[], seen: Seen | undefined): string {
  const skipped = scenarios.filter((one) => exploreVerdict(one) === 'not run').length;
  const cases = scenarios.map((one) => testcase(one, seen)).join('');
  return `<testsuite name="syslets explore" ${counts(scenarios)} skipped="${skipped}">
${cases}</testsuite>
`;
}

function testcase(scenario: ExploredScenario, seen: Seen | undefined): string {
  const options = { paint: noPaint, all: true, ...(seen && { seen }) };
  const text = xml(exploredText(scenario, options));
  const named = `name="${xml(scenario.name)}" classname="${xml(scenario.file)}"`;
  return `<testcase ${named}>\n${verdictElement(scenario)}<system-out>${text}</system-out>\n</testcase>\n`;
}

function verdictElement(scenario: ExploredScenario): string {
  const { skipped = '', failure, noSchedule = '' } = scenario;
  switch (exploreVerdict(scenario)) {
    case 'not run':
      return `<skipped message="${xml(skipped)}"/>\n`;
    case 'not enough':
      return '<error message="not enough was seen for a verdict" type="budget"/>\n';
    case 'failed': {
      const [mark = 'forbidden'] = wrongMarks(scenario);
      const message = failure ? `${failure.end.kind}: ${failure.end.text}` : mark;
      const cause = failure
        ? `${failure.cause?.sentence ?? ''}\nagain: ${failure.command}`
        : noSchedule;
      return `<failure message="${xml(message)}" type="forbidden">${xml(cause)}</failure>\n`;
    }
    default:
      return '';
  }
}
