import { type GradedScenario, type Report, VERDICTS } from './grade.ts';
import { stackedBar } from './html-bars.ts';
import { runsSection } from './html-runs.ts';
import { classOf, commandLine, scenarioSection } from './html-scenario.ts';
import { type Markup, markup, nothing } from './markup.ts';
import { counted, duration, grouped, short } from './numbers.ts';
import { againText } from './text-report.ts';

/** What stands in the page's body; all of it can be read without its script. */
export function reportBody(report: Report): string {
  const scenarios = worstFirst(report.scenarios);
  return markup`<header>
${headline(report)}
${notes(report)}${firstFailure(report)}</header>
<main>
${toolbar(report)}
<section aria-labelledby="overview-title">
<h2 id="overview-title">Overview</h2>
${overview(scenarios)}
</section>
<section aria-labelledby="scenarios-title">
<h2 id="scenarios-title">Scenarios</h2>
<div id="scenarios">
${scenarios.map((one, i) => scenarioSection(one, `scenario-${i + 1}`))}</div>
<p id="none" hidden>No scenario fits this filter.</p>
</section>
${runsSection(report)}
</main>`.text;
}

function worstFirst(scenarios: readonly GradedScenario[]): GradedScenario[] {
  const rank = ({ verdict }: GradedScenario) => VERDICTS.indexOf(verdict);
  return [...scenarios].sort((a, b) => rank(a) - rank(b));
}

function headline({ verdict, scenarios, samples, trials, runs }: Report): Markup {
  const wall = runs.reduce((sum, { ms }) => sum + ms, 0);
  const facts = [
    counted(scenarios.length, 'scenario'),
    `${grouped(samples)} samples`,
    counted(trials, 'trial'),
    counted(runs.length, 'run'),
    duration(wall),
  ];
  return markup`<div class="headline"><h1>Stress report</h1><span class="badge large ${classOf(verdict)}">${verdict}</span></div>
<p class="facts">${facts.join(' · ')}</p>`;
}

function notes({ notes: list }: Report): Markup {
  if (list.length === 0) return nothing;
  return markup`<ul class="notes" aria-label="Notes">${list.map((note) => markup`<li>${note}</li>`)}</ul>\n`;
}

function firstFailure({ scenarios }: Report): Markup {
  const failed = scenarios.find(({ rerun }) => rerun !== undefined);
  if (failed?.rerun === undefined) return nothing;
  const rate = againText(failed);
  return markup`<p class="again">The first failure again (${rate}):</p>${commandLine(failed.rerun)}`;
}

function toolbar({ scenarios }: Report): Markup {
  const buttons = VERDICTS.map((verdict) => {
    const count = scenarios.filter((one) => one.verdict === verdict).length;
    return markup`<button type="button" class="verdict ${classOf(verdict)}" data-verdict="${verdict}" aria-pressed="true"${disabledIf(count === 0)}>${count} ${verdict}</button>`;
  });
  return markup`<form class="toolbar" role="search" aria-label="Filter of scenarios">
<input type="search" id="name" placeholder="Filter by name  ( / )" aria-label="Filter by name" autocomplete="off" spellcheck="false">
<div role="group" aria-label="Verdicts that are shown">${buttons}</div>
<label class="switch"><input type="checkbox" id="log"> logarithmic bars</label>
<span class="grow"></span>
<button type="button" id="open-all">Open all</button>
<button type="button" id="theme" aria-label="Light or dark">Theme</button>
<span id="shown" role="status"></span>
</form>`;
}

function disabledIf(disabled: boolean): Markup {
  return disabled ? markup` disabled` : nothing;
}

const COLUMNS: readonly (readonly [key: string, name: string, right: boolean])[] = [
  ['verdict', 'Verdict', false],
  ['name', 'Scenario', false],
  ['samples', 'Samples', true],
  ['rate', 'Samples/s', true],
  ['trials', 'Trials', true],
  ['odd', 'Not acceptable', true],
  ['ends', 'Bad ends', true],
];

function overview(scenarios: readonly GradedScenario[]): Markup {
  const heads = COLUMNS.map(
    ([key, name, right]) =>
      markup`<th scope="col"${right ? markup` class="right"` : nothing}${key === 'verdict' ? markup` aria-sort="ascending"` : nothing}><button type="button" data-sort="${key}">${name}</button></th>`,
  );
  return markup`<div class="wide"><table id="overview">
<thead><tr>${heads}<th scope="col" class="bars">Outcomes</th></tr></thead>
<tbody>
${scenarios.map(overviewRow)}</tbody>
</table></div>`;
}

function overviewRow(scenario: GradedScenario, index: number): Markup {
  const { title, verdict, samples, samplesPerSecond, trials, outcomes, ends } = scenario;
  const odd = outcomes
    .filter(({ expect }) => expect !== 'acceptable')
    .reduce((sum, one) => sum + one.samples, 0);
  const slices = outcomes.map(({ outcome, ...rest }) => ({ name: outcome, ...rest }));
  const rank = VERDICTS.indexOf(verdict);
  const sort = markup`data-name="${title}" data-verdict="${verdict}" data-rank="${rank}" data-samples="${samples}" data-rate="${samplesPerSecond}" data-trials="${trials}" data-odd="${odd}" data-ends="${trials - ends.ok}"`;
  return markup`<tr ${sort}><td><span class="badge ${classOf(verdict)}">${verdict}</span></td><th scope="row"><a href="#scenario-${index + 1}">${title}</a></th><td class="right">${grouped(samples)}</td><td class="right">${short(samplesPerSecond)}</td><td class="right">${grouped(trials)}</td><td class="right">${grouped(odd)}</td><td class="right">${grouped(trials - ends.ok)}</td><td class="bars">${stackedBar(slices)}</td></tr>
`;
}
