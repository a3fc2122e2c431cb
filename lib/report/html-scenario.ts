import type { Expect } from '../scenario/index.ts';
import type { GradedOutcome, GradedScenario } from './grade.ts';
import { highlighted } from './highlight.ts';
import { rateText } from './history-rows.ts';
import { shareBar, stackedBar } from './html-bars.ts';
import { historySection } from './html-history.ts';
import { type Markup, markup, nothing } from './markup.ts';
import { counted, duration, grouped, percent, samplesText, short } from './numbers.ts';
import { firstText } from './outcome-table.ts';
import type { Trial } from './result.ts';
import { type RuleMatcher, ruleMatcher } from './rule-matcher.ts';
import type { ConfigTotal } from './scenario-tally.ts';
import { shortened } from './shortened.ts';
import { againText } from './text-report.ts';

/** One scenario, folded unless it failed. `id` is the anchor that the overview leads to. */
export function scenarioSection(scenario: GradedScenario, id: string): Markup {
  const { title, verdict, samples, samplesPerSecond, trials } = scenario;
  const facts =
    samples === 0
      ? notRunText(scenario)
      : `${short(samples)} samples · ${short(samplesPerSecond)}/s · ${counted(trials, 'trial')}`;
  return markup`<details class="scenario" id="${id}" data-name="${title}" data-verdict="${verdict}"${openIf(verdict === 'failed')}>
<summary><span class="badge ${classOf(verdict)}">${verdict}</span> <h3>${title}</h3> <span class="facts">${facts}</span></summary>
<div class="inside">
${paragraph(scenario)}${reasons(scenario)}${outcomes(scenario)}${history(scenario)}${troubles(scenario)}${again(scenario)}${notes(scenario)}${configs(scenario)}${source(scenario)}
</div>
</details>
`;
}

export function classOf(verdict: string): string {
  return verdict.replace(' ', '-');
}

function openIf(open: boolean): Markup {
  return open ? markup` open` : nothing;
}

function notRunText({ skipped, trials }: GradedScenario): string {
  return (
    skipped.join('; ') || (trials === 0 ? 'no trial' : `no samples, ${counted(trials, 'trial')}`)
  );
}

function paragraph({ description, actors, files, ms, samples, programs }: GradedScenario): Markup {
  const text =
    description.trim() === '' ? nothing : markup`<p class="description">${description}</p>\n`;
  const facts = [
    files.join(', '),
    actors.length === 0 ? '' : `actors: ${actors.join(', ')}`,
    `${samplesText(samples, programs)} in ${duration(ms)}`,
  ].filter((fact) => fact !== '');
  return markup`${text}<p class="facts">${facts.join(' · ')}</p>\n`;
}

function reasons({ reasons: list }: GradedScenario): Markup {
  if (list.length === 0) return nothing;
  return markup`<h4>Not enough to say</h4>\n<ul class="notes">${list.map((why) => markup`<li>${why}</li>`)}</ul>\n`;
}

function outcomes(scenario: GradedScenario): Markup {
  if (scenario.outcomes.length === 0) return nothing;
  const withModel = scenario.outcomes.some(({ model }) => model !== undefined);
  const model = withModel ? markup`<th scope="col">Model</th>` : nothing;
  const withFirst = scenario.outcomes.some((one) => one.first !== undefined);
  const first = withFirst
    ? markup`<th scope="col" class="right">First seen: time, samples</th>`
    : nothing;
  const result = `Result${scenario.registers.length === 0 ? '' : ` (${scenario.registers.join(', ')})`}`;
  const rows = shortened(scenario.outcomes).map((one) => outcomeRow(one, withModel, withFirst));
  return markup`<div class="wide"><table class="outcomes">
<thead><tr><th scope="col" class="right">${result}</th><th scope="col" class="right">Samples</th><th scope="col" class="right">Freq</th><th scope="col" class="bars"><span class="unseen">Share</span></th>${first}<th scope="col">Expect</th>${model}<th scope="col">Description</th></tr></thead>
<tbody>
${rows}</tbody>
</table></div>
`;
}

function outcomeRow(one: GradedOutcome, withModel: boolean, withFirst: boolean): Markup {
  const { outcome, samples, frequency, expect, reason, model, listed } = one;
  const seen = samples === 0 ? 'never' : listed ? 'seen' : 'seen unlisted';
  const first = withFirst ? markup`<td class="right">${firstText(one)}</td>` : nothing;
  const cell = withModel ? markup`<td>${model ?? '–'}</td>` : nothing;
  return markup`<tr class="${seen} ${expect}"><th scope="row"><code>${outcome}</code></th><td class="right">${grouped(samples)}</td><td class="right">${percent(frequency)}</td><td class="bars">${shareBar(frequency, expect)}</td>${first}<td><span class="expect ${expect}">${expect}</span></td>${cell}<td class="reason">${reason}</td></tr>
`;
}

function history({ history: failed }: GradedScenario): Markup {
  return failed ? historySection(failed, rateText(failed)) : nothing;
}

function troubles({ troubles: list, ends }: GradedScenario): Markup {
  if (list.length === 0) return nothing;
  const all = ends.threw + ends.died + ends.hung + ends.cut;
  const some = all > list.length ? ` (the first ${list.length} of ${grouped(all)})` : '';
  return markup`<h4>Trials that did not end well${some}</h4>
<ul class="troubles">
${list.map(trouble)}</ul>
`;
}

function trouble({ end, detail, config, seed, command }: Trial): Markup {
  const { message = '', actor, iteration, signal, exitCode, stack, stderr } = detail ?? {};
  const facts = [
    ...(actor === undefined ? [] : [`actor ${actor}`]),
    ...(iteration === undefined ? [] : [`iteration ${grouped(iteration)}`]),
    ...(signal === undefined ? [] : [`signal ${signal}`]),
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
    `${config.placement}, stride ${config.stride}, ${config.order}, ${config.jit}, ${config.padding}`,
    `seed ${seed}`,
  ];
  const texts = [stack, stderr].flatMap((text) =>
    text === undefined || text.trim() === '' ? [] : [markup`<pre>${text.trimEnd()}</pre>\n`],
  );
  return markup`<li><p><strong>${end}</strong>: ${message} <span class="facts">${facts.join(' · ')}</span></p>
${texts}${commandLine(command)}</li>
`;
}

function again(scenario: GradedScenario): Markup {
  const { rerun } = scenario;
  if (rerun === undefined) return nothing;
  return markup`<h4>Again: ${againText(scenario)}</h4>\n${commandLine(rerun)}`;
}

/** A command, with a button that copies it. */
export function commandLine(command: string): Markup {
  return markup`<div class="command"><code>${command}</code><button type="button" class="copy" data-copy="${command}">Copy</button></div>
`;
}

function notes({ notes: list }: GradedScenario): Markup {
  if (list.length === 0) return nothing;
  return markup`<ul class="notes">${list.map((note) => markup`<li>${note}</li>`)}</ul>\n`;
}

function configs({ configs: list, rules }: GradedScenario): Markup {
  if (list.length === 0) return nothing;
  const ruleOf = ruleMatcher(rules);
  const names = ['Placement', 'Stride', 'Sync', 'Order', 'JIT', 'Padding', 'Samples', 'Rate/s'];
  const heads = names.map((name, i) => markup`<th scope="col"${rightIf(isNumber(i))}>${name}</th>`);
  return markup`<details class="more"><summary>By configuration (${list.length})</summary>
<div class="wide"><table class="configs">
<thead><tr>${heads}<th scope="col" class="bars">Outcomes</th><th scope="col">Other than acceptable</th></tr></thead>
<tbody>
${list.map((one) => configRow(one, ruleOf))}</tbody>
</table></div></details>
`;
}

function isNumber(column: number): boolean {
  return [1, 2, 6, 7].includes(column);
}

function rightIf(right: boolean): Markup {
  return right ? markup` class="right"` : nothing;
}

const WORST: readonly Expect[] = ['forbidden', 'interesting', 'acceptable'];

function configRow({ config, samples, ms, counts }: ConfigTotal, ruleOf: RuleMatcher): Markup {
  const { placement, stride, sync, order, jit, padding } = config;
  const rate = ms === 0 ? 0 : (samples * 1000) / ms;
  const slices = Object.entries(counts)
    .map(([name, count]) => ({
      name,
      samples: count,
      expect: ruleOf(name)?.expect ?? ('forbidden' as const),
    }))
    .sort((a, b) => WORST.indexOf(a.expect) - WORST.indexOf(b.expect) || b.samples - a.samples);
  const odd = slices.filter(({ expect }) => expect !== 'acceptable');
  const texts = odd
    .slice(0, 3)
    .map(({ name, samples: count }) => `${name} (${percent(count / samples)})`);
  const more = odd.length > 3 ? [`${odd.length - 3} more`] : [];
  const cells = [placement, stride, sync, order, jit, padding, grouped(samples), short(rate)];
  const tds = cells.map((cell, i) => markup`<td${rightIf(isNumber(i))}>${cell}</td>`);
  return markup`<tr>${tds}<td class="bars">${stackedBar(slices)}</td><td>${[...texts, ...more].join('; ') || '–'}</td></tr>
`;
}

function source({ source: text }: GradedScenario): Markup {
  if (text.trim() === '') return nothing;
  return markup`<details class="more"><summary>Source</summary>
<pre class="source" tabindex="0"><code>${highlighted(text)}</code></pre></details>
`;
}
