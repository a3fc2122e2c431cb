import { xml } from './escape.ts';
import { wrongMarks } from './explore-model.ts';
import type { ExploredScenario } from './explore-result.ts';
import { exploredText, exploreVerdict } from './explore-text.ts';
import { noPaint } from './paint.ts';

/** JUnit XML: a test case for each scenario. What was not enough for a verdict is an error. */
export function exploreJunit(scenarios: readonly ExploredScenario[]): string {
  const verdicts = scenarios.map(exploreVerdict);
  const count = (wanted: string) => verdicts.filter((verdict) => verdict === wanted).length;
  const counts = `tests="${scenarios.length}" failures="${count('failed')}" errors="${count('not enough')}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="syslets explore" ${counts}>
<testsuite name="syslets explore" ${counts} skipped="${count('not run')}">
${scenarios.map(testcase).join('')}</testsuite>
</testsuites>
`;
}

function testcase(scenario: ExploredScenario): string {
  const text = xml(exploredText(scenario, { paint: noPaint, all: true }));
  const named = `name="${xml(scenario.name)}" classname="${xml(scenario.file)}"`;
  return `<testcase ${named}>\n${verdictElement(scenario)}<system-out>${text}</system-out>\n</testcase>\n`;
}

function verdictElement(scenario: ExploredScenario): string {
  const { skipped = '', failure } = scenario;
  switch (exploreVerdict(scenario)) {
    case 'not run':
      return `<skipped message="${xml(skipped)}"/>\n`;
    case 'not enough':
      return '<error message="not enough was seen for a verdict" type="budget"/>\n';
    case 'failed': {
      const [mark = 'forbidden'] = wrongMarks(scenario);
      const message = failure ? `${failure.end.kind}: ${failure.end.text}` : mark;
      const cause = failure ? `${failure.cause?.sentence ?? ''}\nagain: ${failure.command}` : '';
      return `<failure message="${xml(message)}" type="forbidden">${xml(cause)}</failure>\n`;
    }
    default:
      return '';
  }
}
