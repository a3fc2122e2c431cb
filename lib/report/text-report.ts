import { oneLine, printable } from './escape.ts';
import { type GradedScenario, type Report, VERDICTS } from './grade.ts';
import { rateText } from './history-rows.ts';
import { historyText } from './history-text.ts';
import { counted, duration, grouped, samplesText, short } from './numbers.ts';
import { outcomeTable } from './outcome-table.ts';
import { type Paint, verdictPaint } from './paint.ts';
import type { Trial } from './result.ts';

export interface TextOptions {
  readonly paint: Paint;
  /** Tables of scenarios that passed too; without, they get a line each. */
  readonly all?: boolean;
}

/** The whole report for people: a table for each scenario, then what it comes to. */
export function textReport(report: Report, options: TextOptions): string {
  const parts = report.scenarios.map((one) => scenarioText(one, options));
  // a line for each that passed stands close to the next, a table does not
  const spaced = parts.map((part) => (part.indexOf('\n') === part.length - 1 ? part : `${part}\n`));
  const isClose = spaced.at(-1)?.endsWith('\n\n') === false;
  return `${spaced.join('')}${isClose ? '\n' : ''}${summaryText(report, options.paint)}`;
}

/** Verdicts are as wide as the longest, so that names begin below each other. */
const WIDEST = Math.max(...VERDICTS.map(({ length }) => length));

/** One scenario, with its table unless it merely passed. */
export function scenarioText(scenario: GradedScenario, { paint, all = true }: TextOptions): string {
  const { title, verdict, samples, trials, samplesPerSecond, skipped, notes } = scenario;
  const { programs } = scenario;
  const name = paint.bold(oneLine(title));
  const facts =
    samples === 0 && trials === 0
      ? skipped.map(oneLine).join('; ') || 'no trial'
      : `${samplesText(samples, programs)} in ${counted(trials, 'trial')}, ${short(samplesPerSecond)}/s`;
  const head = `${verdictPaint(paint, verdict)(verdict.toUpperCase().padEnd(WIDEST))}  ${name}  ${paint.dim(facts)}\n`;
  if (!all && verdict === 'passed') return head;
  const table = samples === 0 ? '' : outcomeTable(scenario, paint);
  return (
    head +
    reasonsText(scenario, paint) +
    table +
    (scenario.history ? historyText(scenario.history, rateText(scenario.history), paint) : '') +
    troubleText(scenario, paint) +
    notesText(notes, paint) +
    rerunText(scenario, paint)
  );
}

/** How trials ended that did not end well: the first whole, of the others how many. */
function troubleText({ troubles, ends }: GradedScenario, paint: Paint): string {
  const first = troubles.find(({ end }) => end !== 'cut');
  if (!first) return '';
  const counts = (['threw', 'died', 'hung'] as const)
    .filter((end) => ends[end] > 0)
    .map((end) => `${grouped(ends[end])} ${end}`);
  return `  ${paint.red(`trials that did not end well: ${counts.join(', ')}`)}\n${oneTrouble(first)}`;
}

function oneTrouble({ end, detail, seed }: Trial): string {
  const { message = '', actor, iteration, stack, stderr, signal, exitCode } = detail ?? {};
  const facts = [
    actor === undefined ? '' : `actor ${oneLine(actor)}`,
    iteration === undefined ? '' : `iteration ${grouped(iteration)}`,
    signal === undefined ? '' : `signal ${oneLine(signal)}`,
    exitCode === undefined ? '' : `exit code ${exitCode}`,
    `seed ${seed}`,
  ].filter((fact) => fact !== '');
  const texts = [stack, stderr].filter((text) => text !== undefined && text.trim() !== '');
  return `    ${end}: ${printable(message)} (${facts.join(', ')})\n${texts.map((text) => indented(text ?? '')).join('')}`;
}

function indented(text: string): string {
  const lines = printable(text.trimEnd()).split('\n');
  return lines.map((line) => `      ${line}\n`).join('');
}

function reasonsText({ reasons }: GradedScenario, paint: Paint): string {
  return reasons.map((why) => `  ${paint.yellow(`not enough: ${oneLine(why)}`)}\n`).join('');
}

function notesText(notes: readonly string[], paint: Paint): string {
  return notes.map((note) => `  ${paint.dim(`note: ${oneLine(note)}`)}\n`).join('');
}

function rerunText(scenario: GradedScenario, paint: Paint): string {
  const { rerun } = scenario;
  if (rerun === undefined) return '';
  const rate = paint.dim(`  (${againText(scenario)})`);
  return `  again: ${paint.cyan(oneLine(rerun))}${rate}\n`;
}

/** How surely a command shows what it is about, where that was measured. */
export function againText({ again, history, rerunShare }: GradedScenario): string {
  if (!again || again.runs === 0) return history ? rateText(history) : shareText(rerunShare);
  const { runs, shown, ms } = again;
  return `${shown} of ${counted(runs, 'repetition')} of up to ${Math.ceil(ms)} ms showed it`;
}

/** Of a run that went on, its own samples are the measure. */
function shareText(share: GradedScenario['rerunShare']): string {
  if (!share) return 'how surely was not measured';
  return `${grouped(share.samples)} of its ${counted(share.of, 'sample')} showed it`;
}

/** Counts, notes, and the one command that runs the worst failure again. */
export function summaryText(report: Report, paint: Paint): string {
  const { scenarios, samples, runs, trials } = report;
  const wall = runs.reduce((sum, { ms }) => sum + ms, 0);
  const lines = [
    `${counted(scenarios.length, 'scenario')}: ${verdictCounts(scenarios, paint)}`,
    `${grouped(samples)} samples in ${counted(trials, 'trial')} of ${counted(runs.length, 'run')}, ${duration(wall)}; ${seedsText(report)}`,
    ...report.notes.map((note) => paint.yellow(`note: ${oneLine(note)}`)),
  ];
  const first = scenarios.find((one) => one.rerun !== undefined);
  if (first?.rerun !== undefined) {
    const title = `the first failure again (${againText(first)}):`;
    lines.push(`${paint.red(title)}\n  ${paint.bold(oneLine(first.rerun))}`);
  }
  return `${lines.join('\n')}\n`;
}

function verdictCounts(scenarios: readonly GradedScenario[], paint: Paint): string {
  return VERDICTS.map((verdict) => {
    const count = scenarios.filter((one) => one.verdict === verdict).length;
    const text = `${count} ${verdict}`;
    return count === 0 ? paint.dim(text) : verdictPaint(paint, verdict)(text);
  }).join(', ');
}

const MOST_SEEDS = 8;

function seedsText({ runs }: Report): string {
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const more = seeds.length > MOST_SEEDS ? ` and ${seeds.length - MOST_SEEDS} more` : '';
  return `seed${seeds.length === 1 ? '' : 's'} ${seeds.slice(0, MOST_SEEDS).join(', ')}${more}`;
}
