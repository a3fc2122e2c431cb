import { xml } from './escape.ts';
import { failureText, isForbidden } from './failure-text.ts';
import type { GradedScenario, Report } from './grade.ts';
import { noPaint } from './paint.ts';
import { scenarioText } from './text-report.ts';

/**
 * JUnit XML as CI systems read it: a test case for each scenario, with its table as output.
 *
 * A forbidden outcome is a failure; a trial that did not end well is an error; a scenario that took
 * no sample is skipped.
 */
export function junitXml(report: Report): string {
  const names = attributes({ name: 'syslets stress' });
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites${names}${counts(report)}>
${stressSuite(report)}</testsuites>
`;
}

function counts({ scenarios }: Report): string {
  return attributes({
    tests: scenarios.length,
    failures: scenarios.filter((one) => kindOf(one) === 'failure').length,
    errors: scenarios.filter((one) => kindOf(one) === 'error').length,
    time: seconds(scenarios.reduce((sum, { ms }) => sum + ms, 0)),
  });
}

/** The element of all scenarios. */
export function stressSuite(report: Report): string {
  const { scenarios, runs } = report;
  const [first] = runs;
  const timestamp = first ? attributes({ timestamp: first.started.replace(/(\.\d+)?Z$/, '') }) : '';
  const skipped = scenarios.filter((one) => kindOf(one) === 'skipped').length;
  const suite = attributes({ name: 'syslets stress', skipped });
  return `<testsuite${suite}${counts(report)}${timestamp}>
${properties(report)}${scenarios.map(testcase).join('')}</testsuite>
`;
}

type Kind = 'failure' | 'error' | 'skipped' | 'passed';

function kindOf({ verdict, outcomes }: GradedScenario): Kind {
  if (verdict === 'not run') return 'skipped';
  if (verdict === 'inconclusive') return 'error';
  if (verdict !== 'failed') return 'passed';
  return outcomes.some(isForbidden) ? 'failure' : 'error';
}

function properties({ runs }: Report): string {
  const facts = runs.flatMap(({ seed, tool, shard, machine }) => [
    ['seed', seed],
    ['syslets', tool],
    ...(shard ? [['shard', `${shard.index}/${shard.count}`]] : []),
    ['node', machine.node],
    ['cpu', `${machine.cpu}, ${machine.cpus} processors`],
  ]);
  const lines = facts.map(
    ([name = '', value = '']) => `<property${attributes({ name, value })}/>\n`,
  );
  return lines.length === 0 ? '' : `<properties>\n${lines.join('')}</properties>\n`;
}

function testcase(scenario: GradedScenario): string {
  const { title, files, ms } = scenario;
  const [file = ''] = files;
  const named = attributes({ name: title, classname: file, time: seconds(ms) });
  const table = xml(scenarioText(scenario, { paint: noPaint }));
  return `<testcase${named}>\n${verdictElement(scenario)}<system-out>${table}</system-out>\n</testcase>\n`;
}

function verdictElement(scenario: GradedScenario): string {
  const kind = kindOf(scenario);
  if (kind === 'passed') return '';
  const { skipped, rerun } = scenario;
  if (kind === 'skipped') {
    return `<skipped${attributes({ message: skipped.join('; ') || 'no sample was taken' })}/>\n`;
  }
  const message = failureText(scenario);
  const again = rerun === undefined ? '' : `\nagain: ${rerun}`;
  const named = attributes({ message, type: typeOf(scenario) });
  return `<${kind}${named}>${xml(message + again)}</${kind}>\n`;
}

function typeOf({ verdict, outcomes }: GradedScenario): string {
  if (verdict === 'inconclusive') return 'inconclusive';
  return outcomes.some(isForbidden) ? 'forbidden' : 'trial';
}

/** The schemas want a decimal fraction without an exponent. */
function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${xml(String(value))}"`)
    .join('');
}
