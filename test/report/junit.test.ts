import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { annotations } from '../../lib/report/annotations.ts';
import { grade } from '../../lib/report/grade.ts';
import { junitXml } from '../../lib/report/junit.ts';
import { mergeRuns } from '../../lib/report/merge.ts';
import type { ScenarioResult } from '../../lib/report/result.ts';
import { run, scenario, trial } from './data.ts';
import { randomScenario } from './random.ts';

const SCHEMA = fileURLToPath(new URL('junit.xsd', import.meta.url));
const hasXmllint = spawnSync('xmllint', ['--version']).status === 0;
const NO_XMLLINT = 'xmllint is not installed';

function report(...scenarios: readonly ScenarioResult[]) {
  return grade(mergeRuns([[run({ scenarios }), 'a.json']]));
}

function validity(xml: string): string {
  const args = ['--noout', '--nonet', '--schema', SCHEMA, '-'];
  return spawnSync('xmllint', args, { input: xml, encoding: 'utf8' }).stderr.trim();
}

const HOSTILE = ['<b>&"\'', ']]>', '\x00\x1b[31m', '\ud800', 'a\nb\tc\r', '--><!--', '😀\ufffe'];

test('random reports are valid', (context) => {
  context.skip(!hasXmllint, NO_XMLLINT);
  const property = fc.property(fc.array(randomScenario, { maxLength: 3 }), (scenarios) => {
    expect(validity(junitXml(report(...scenarios)))).toBe('- validates');
  });
  fc.assert(property, { numRuns: 30 });
});

test('a report is valid whatever the names, outcomes, reasons and messages are', (context) => {
  context.skip(!hasXmllint, NO_XMLLINT);
  for (const text of HOSTILE) {
    const bad = trial({
      counts: { [text]: 1 },
      end: 'died',
      command: text,
      detail: { message: text, actor: text, stack: text, stderr: text },
    });
    const given = { name: text, file: text, description: text };
    const rule = { match: { exact: text }, expect: 'forbidden', reason: text } as const;
    const xml = junitXml(
      report(
        scenario({ ...given, trials: [bad] }),
        scenario({ ...given, trials: [bad], outcomes: [rule] }),
        scenario({ ...given, trials: [], skipped: text, source: 'other' }),
      ),
    );
    expect(validity(xml)).toBe('- validates');
  }
});

test('forbidden is a failure, a bad end an error, no sample skipped', () => {
  const xml = junitXml(
    report(
      scenario({ name: 'good' }),
      scenario({ name: 'wrong', trials: [trial({ counts: { x: 2 }, command: 'again 1' })] }),
      scenario({
        name: 'hung',
        trials: [trial({ end: 'hung', detail: { message: 'stuck: left' } })],
      }),
      scenario({ name: 'absent', trials: [], skipped: 'no C compiler' }),
    ),
  );
  expect(xml).toContain(
    '<testsuite name="syslets stress" skipped="1" tests="4" failures="1" errors="1"',
  );
  expect(xml).toMatch(
    /<testcase name="good" classname="litmus\/sb.ts" time="0.010">\n<system-out>/,
  );
  expect(xml).toContain(
    '<failure message="forbidden: x (2 times): not in the table of outcomes" type="forbidden">',
  );
  expect(xml).toContain('<error message="hung: stuck: left (1 trials)" type="trial">');
  expect(xml).toContain('<skipped message="no C compiler"/>');
  expect(xml).toContain('again: again 1');
  expect(xml).toContain('<property name="seed" value="7"/>');
});

test('annotations name the file, the scenario, what was seen and the command', () => {
  const wrong = scenario({
    name: 'a: b, c',
    file: 'x%.ts',
    trials: [trial({ counts: { '9, 9': 2 }, command: 'syslets stress x.ts --seed 1' })],
  });
  expect(annotations(report(scenario(), wrong))).toEqual([
    '::error file=x%25.ts,title=a%3A b%2C c::forbidden%3A 9%2C 9 (2 times)%3A not in the table of outcomes%0Aagain%3A syslets stress x.ts --seed 1',
  ]);
});
