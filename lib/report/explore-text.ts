import type { Expect } from '../scenario/index.ts';
import { oneLine } from './escape.ts';
import { failureText } from './explore-failure-text.ts';
import {
  findingText,
  modelCoverage,
  modelFindings,
  modelVerdict,
  wrongMarks,
} from './explore-model.ts';
import type {
  Coverage,
  ExploredEnd,
  ExploredMachine,
  ExploredScenario,
  ExploreResult,
} from './explore-result.ts';
import type { Seen } from './explore-seen.ts';
import { counted, duration, grouped } from './numbers.ts';
import { expectPaint, type Paint, verdictPaint } from './paint.ts';
import { ruleMatcher } from './rule-matcher.ts';

export type ExploreVerdict = 'failed' | 'not enough' | 'passed' | 'not run';

export interface GradedEnd extends ExploredEnd {
  readonly expect: Expect;
  readonly reason: string;
}

const HANGS: Readonly<Record<string, string>> = {
  deadlock: 'every actor that is left sleeps, and none can wake it',
  livelock: 'an actor looks again and again for a value that no other will write',
  threw: 'an actor threw an error',
  failed: 'the execution did not end well',
};

const LONGER = 'what comes then is not known: give it an end, or a greater --max-steps';

/** An end with what the table says of it. */
export function gradedEnd(
  scenario: Pick<ExploredScenario, 'outcomes'>,
  end: ExploredEnd,
): GradedEnd {
  if (end.kind === 'step limit') return { ...end, expect: 'interesting', reason: LONGER };
  if (end.kind !== 'outcome') {
    return { ...end, expect: 'forbidden', reason: HANGS[end.kind] ?? end.kind };
  }
  const rule = ruleMatcher(scenario.outcomes)(end.text);
  const { expect = 'forbidden', reason = 'no row of the table names it' } = rule ?? {};
  return { ...end, expect, reason };
}

export function exploreVerdict(scenario: ExploredScenario): ExploreVerdict {
  if (scenario.skipped !== undefined) return 'not run';
  if (wrongMarks(scenario).length > 0) return 'failed';
  const ends = scenario.machines.flatMap(({ ends }) => ends);
  if (ends.some((end) => gradedEnd(scenario, end).expect === 'forbidden')) return 'failed';
  const isLonger = ends.some(({ kind }) => kind === 'step limit');
  const isWhole = !isLonger && scenario.machines.every(({ coverage }) => coverage.kind !== 'part');
  return isWhole ? 'passed' : 'not enough';
}

/** 0 good, 1 something forbidden, 3 not enough was seen for a verdict. */
export function exploreStatus({ scenarios }: Pick<ExploreResult, 'scenarios'>): number {
  const verdicts = scenarios.map(exploreVerdict);
  if (verdicts.includes('failed')) return 1;
  return verdicts.includes('not enough') || !verdicts.includes('passed') ? 3 : 0;
}

/** "all N interleavings (S states)", or what it is instead; of a structure how many programs had them. */
export function coverageText(coverage: Coverage): string {
  const { programs } = coverage;
  if (!programs) return searchText(coverage);
  const { count, seed } = programs;
  const of = seed === undefined ? '1 program' : `${counted(count, 'program')} (seed ${seed})`;
  return `${of}: ${searchText(coverage)}`;
}

function searchText(coverage: Coverage): string {
  const executions = grouped(coverage.executions);
  const { kind, states, seed, strategy, parts, why = '', within, isCounted = true } = coverage;
  const part = parts && `part ${parts.have.join(', ')} of ${parts.of}`;
  const seen = states === 0 ? `${executions} executions` : `${grouped(states)} states`;
  const bounds = boundsText(coverage);
  switch (kind) {
    case 'all':
      return isCounted ? `all ${executions} interleavings (${seen})` : `all executions (${seen})`;
    case 'reduced':
      return `${part ? `${part} of ` : ''}all interleavings, by ${executions} that differ in the order of dependent steps`;
    case 'preemptions':
      return `all with ${bounds}${isCounted ? `: ${executions}` : ''} (${seen})`;
    case 'random':
      return `${executions} random executions (${strategy}, seed ${seed}${part ? `, ${part}` : ''}), no claim`;
    default:
      if (within) return withinText(within, coverage);
      return `a part only, no claim: ${why} (${seen}${bounds === '' ? '' : `, ${bounds}`})`;
  }
}

/** Empty where there is none. */
function boundsText({ preemptions, delays }: Partial<Coverage>): string {
  const bounds = [
    ...(preemptions === undefined ? [] : [counted(preemptions, 'preemption')]),
    ...(delays === undefined ? [] : [counted(delays, 'delayed store')]),
  ];
  return bounds.length === 0 ? '' : `up to ${bounds.join(' and ')}`;
}

/** A search that was too large, and what is known all the same. */
function withinText(
  { preemptions, executions, states, nextStates }: Required<Coverage>['within'],
  { why = '', states: seen }: Coverage,
): string {
  const all = `all with ${boundsText({ preemptions })}: ${grouped(executions)} (${grouped(states)} states)`;
  const more = `with more a part only: ${why} (${grouped(seen)} states)`;
  const next = nextStates === undefined ? '' : `; ${nextText(preemptions + 1, nextStates)}`;
  return `${all}; ${more}${next}`;
}

/** The next bound was not begun: the budget is one for all of them. */
function nextText(preemptions: number, states: number): string {
  // the bounds below it come first, and may take a quarter
  const room = Number((2 * states).toPrecision(2));
  return `${preemptions} would take some ${grouped(states)} states, and was not begun: --preemptions ${preemptions} --max-states ${room}`;
}

export function machineCoverage({ coverage, folded, ends, ms }: ExploredMachine): string {
  const loops = folded.length === 0 ? '' : `; folded: ${folded.join(', ')}`;
  const longer = ends.filter(({ kind }) => kind === 'step limit');
  const cut = longer.reduce((sum, { executions }) => sum + BigInt(executions), 0n);
  const cuts = longer.length === 0 ? '' : `; cut: ${grouped(String(cut))} at --max-steps`;
  const took = ms === undefined ? '' : `; ${duration(ms)}`;
  return coverageText(coverage) + loops + cuts + took;
}

export interface ExploreTextOptions {
  readonly paint: Paint;
  /** Tables of scenarios that passed, too. */
  readonly all?: boolean;
  /** What stress has seen. */
  readonly seen?: Seen;
}

export function exploreText(
  result: Pick<ExploreResult, 'scenarios'>,
  options: ExploreTextOptions,
): string {
  return result.scenarios.map((one) => exploredText(one, options)).join('');
}

const PAINTED = {
  failed: 'failed',
  'not enough': 'interesting',
  passed: 'passed',
  'not run': 'not run',
} as const;

/** One scenario: coverage, table, and the schedule of a failure. */
export function exploredText(
  scenario: ExploredScenario,
  { paint, all = true, seen }: ExploreTextOptions,
): string {
  const verdict = exploreVerdict(scenario);
  const word = verdictPaint(paint, PAINTED[verdict])(verdict.toUpperCase().padEnd(10));
  const { skipped, noSchedule } = scenario;
  const head = `${word}  ${paint.bold(oneLine(scenario.name))}${skipped === undefined ? '' : `  ${paint.dim(oneLine(skipped))}`}\n`;
  const width = Math.max(3, ...scenario.machines.map(({ machine }) => machine.length));
  const lines = scenario.machines.map(
    (one) => `  ${paint.dim(`${one.machine.padEnd(width)} ${oneLine(machineCoverage(one))}`)}\n`,
  );
  if (scenario.model) {
    lines.push(`  ${paint.dim(`model ${oneLine(modelCoverage(scenario.model))}`)}\n`);
  }
  // one that passed has a schedule where the user asked for that of an outcome
  const isBrief = !all && verdict === 'passed' && !scenario.failure;
  const none = noSchedule === undefined ? '' : `  ${paint.yellow(oneLine(noSchedule))}\n`;
  if (skipped !== undefined || isBrief) return head + lines.join('') + none;
  const failure = scenario.failure ? failureText(scenario, scenario.failure, paint) : '';
  const table = endsTable(scenario, paint, seen) + remarks(scenario, paint, seen);
  return head + lines.join('') + table + none + failure;
}

/** What the table of outcomes and the memory model do not agree about. */
function remarks(scenario: ExploredScenario, paint: Paint, seen: Seen | undefined): string {
  const wrong = wrongMarks(scenario).map((text) => paint.red(oneLine(text)));
  const found = modelFindings(scenario, seen).map((one) => paint.yellow(oneLine(findingText(one))));
  return [...wrong, ...found].map((line) => `  ${line}\n`).join('');
}

/** A row for each end, a column for each machine. */
export function endsTable(scenario: ExploredScenario, paint: Paint, seen?: Seen): string {
  const rows = endRows(scenario, seen);
  const names = columnNames(scenario, seen);
  const head = ['RESULT', ...names, 'EXPECT', 'DESCRIPTION'];
  const cells = rows.map(({ end, cells: columns }) => [
    oneLine(end.kind === 'outcome' ? end.text : end.kind),
    ...columns.map((cell = '-') => (/^\d+$/.test(cell) ? grouped(cell) : cell)),
    end.expect,
    oneLine(end.kind === 'outcome' ? end.reason : `${end.text}: ${end.reason}`),
  ]);
  const widths = head.map((name, i) =>
    Math.max(name.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const align = (row: readonly string[]) =>
    row
      .map((cell, i) =>
        i <= names.length ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const lines = cells.map((row, i) => {
    const expect = rows[i]?.end.expect ?? 'acceptable';
    return expect === 'acceptable' ? align(row) : expectPaint(paint, expect)(align(row));
  });
  return [paint.dim(align(head)), ...lines].map((line) => `  ${line}\n`).join('');
}

export interface EndRow {
  readonly end: GradedEnd;
  /** For each machine how many executions end so, what the model says, how often it was seen. */
  readonly cells: readonly (string | undefined)[];
}

/** SC, TSO, MODEL, SEEN: those that there are. */
export function columnNames({ machines, model, name }: ExploredScenario, seen?: Seen): string[] {
  const names = machines.map(({ machine }) => machine.toUpperCase());
  return [...names, ...(model ? ['MODEL'] : []), ...(seen?.has(name) ? ['SEEN'] : [])];
}

/** All ends, those of the table's order first; what is wrong comes first of all. */
export function endRows(scenario: ExploredScenario, seen?: Seen): EndRow[] {
  const { machines, model } = scenario;
  const samples = seen?.get(scenario.name);
  const cells = (end: ExploredEnd) => [
    ...machines.map((one) => one.ends.find((other) => isSameEnd(end, other))?.executions),
    ...(model ? [modelVerdict(model, end)] : []),
    ...(samples ? [samplesText(samples, end)] : []),
  ];
  const rank = { forbidden: 0, interesting: 1, acceptable: 2 };
  return endsOf(scenario)
    .map((end) => ({ end: gradedEnd(scenario, end), cells: cells(end) }))
    .sort(
      ({ end: a }, { end: b }) => rank[a.expect] - rank[b.expect] || (keyOf(a) < keyOf(b) ? -1 : 1),
    );
}

const keyOf = ({ kind, text }: Pick<ExploredEnd, 'kind' | 'text'>) => `${kind} ${text}`;

function isSameEnd(end: ExploredEnd, other: Pick<ExploredEnd, 'kind' | 'text'>): boolean {
  return end.kind === other.kind && end.text === other.text;
}

function samplesText(samples: ReadonlyMap<string, number>, end: ExploredEnd): string | undefined {
  const count = end.kind === 'outcome' ? samples.get(end.text) : undefined;
  return count ? String(count) : undefined;
}

/** Rows for what only the model allows; the rest of them are in the line below. */
const BEYOND = 8;

/** What the machines have come to, and some of what only the model allows. */
function endsOf({ machines, model }: ExploredScenario): readonly ExploredEnd[] {
  const ends = new Map<string, ExploredEnd>();
  for (const end of machines.flatMap((one) => one.ends)) ends.set(keyOf(end), end);
  const beyond = (model?.allowed ?? []).filter((end) => !ends.has(keyOf(end)));
  return [...ends.values(), ...beyond.slice(0, BEYOND).map((end) => ({ ...end, executions: '0' }))];
}
