import { html } from './escape.ts';
import { executionsText } from './explore-failure-text.ts';
import { arrowHead, LANES_STYLE, lanes } from './explore-lanes.ts';
import { findingText, modelCoverage, modelFindings, wrongMarks } from './explore-model.ts';
import type { ExploredScenario } from './explore-result.ts';
import type { Seen } from './explore-seen.ts';
import { columnNames, endRows, exploreVerdict, machineCoverage } from './explore-text.ts';
import { historySection } from './html-history.ts';
import { type Markup, markup, nothing } from './markup.ts';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Explored scenarios as one HTML file, without a script and without anything outside of itself. */
export function exploreHtml(scenarios: readonly ExploredScenario[], seen?: Seen): string {
  const body = markup`<main>${arrowHead}<h1>What can happen</h1>
${scenarios.map((one) => section(one, seen))}</main>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${html(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>syslets explore</title>
<style>${STYLE}</style>
</head>
<body>
${body.text}
</body>
</html>
`;
}

function section(scenario: ExploredScenario, seen: Seen | undefined): Markup {
  const verdict = exploreVerdict(scenario);
  const coverage = scenario.machines.map(
    (one) => markup`<li><b>${one.machine}</b> ${machineCoverage(one)}</li>`,
  );
  const model = scenario.model
    ? markup`<li><b>model</b> ${modelCoverage(scenario.model)}</li>`
    : nothing;
  const { noSchedule } = scenario;
  const none = noSchedule === undefined ? nothing : markup`<p class="finding">${noSchedule}</p>`;
  const failure = scenario.failure ? lanes(scenario, scenario.failure) : none;
  const history = scenario.failure?.history;
  const table = history ? historySection(history, executionsText(history)) : nothing;
  const skipped = scenario.skipped === undefined ? nothing : markup`<p>${scenario.skipped}</p>`;
  const ends = scenario.skipped === undefined ? endsTable(scenario, seen) : nothing;
  return markup`<section><h2>${scenario.name} <span class="${classOf(verdict)}">${verdict}</span></h2>
<p>${scenario.description}</p>${skipped}<ul>${coverage}${model}</ul>
${ends}${remarks(scenario, seen)}${table}${failure}</section>
`;
}

/** What the table of outcomes and the memory model do not agree about. */
function remarks(scenario: ExploredScenario, seen: Seen | undefined): Markup {
  const wrong = wrongMarks(scenario).map((text) => markup`<li class="wrong">${text}</li>`);
  const found = modelFindings(scenario, seen).map(
    (one) => markup`<li class="finding">${findingText(one)}</li>`,
  );
  if (wrong.length + found.length === 0) return nothing;
  return markup`<ul class="findings">${[...wrong, ...found]}</ul>`;
}

function classOf(verdict: string): string {
  return `verdict ${verdict.replaceAll(' ', '-')}`;
}

function endsTable(scenario: ExploredScenario, seen: Seen | undefined): Markup {
  const heads = columnNames(scenario, seen);
  const rows = endRows(scenario, seen).map(({ end, cells: columns }) => {
    const cells = columns.map((cell) => markup`<td class="count">${cell ?? '-'}</td>`);
    const result = end.kind === 'outcome' ? end.text : end.kind;
    const reason = end.kind === 'outcome' ? end.reason : `${end.text}: ${end.reason}`;
    return markup`<tr class="${end.expect}"><td>${result}</td>${cells}<td>${end.expect}</td><td class="reason">${reason}</td></tr>`;
  });
  const columns = heads.map((name) => markup`<th scope="col">${name}</th>`);
  return markup`<div class="wide"><table><thead><tr><th scope="col">Result</th>${columns}<th scope="col">Expect</th><th scope="col">Description</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

const STYLE = `
:root { color-scheme: light dark; --line: #8888; --bad: #c62828; --odd: #b26a00; --good: #2e7d32; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --odd: #ffca6b; --good: #8bd48f; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
section { border-top: 1px solid var(--line); padding-top: 0.5rem; }
.verdict { font-size: 0.8rem; border: 1px solid; border-radius: 1em; padding: 0.1em 0.7em; color: var(--good); }
.verdict.failed { color: var(--bad); } .verdict.not-enough, .verdict.not-run { color: var(--odd); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: 0.25rem 0.7rem; text-align: left; vertical-align: top; }
thead th { border-bottom: 1px solid var(--line); }
td { font-variant-numeric: tabular-nums; } .count { text-align: right; }
tr.forbidden td { color: var(--bad); } tr.interesting td { color: var(--odd); }
.reason { max-width: 40rem; }
.finding { color: var(--odd); } .wrong { color: var(--bad); }
.cause { border-left: 4px solid var(--bad); padding-left: 0.7rem; }
pre { overflow-x: auto; border: 1px solid var(--line); padding: 0.5rem; border-radius: 0.4rem; }
${LANES_STYLE}`;
