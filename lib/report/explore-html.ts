import { html } from './escape.ts';
import { findingText, modelCoverage, modelFindings, wrongMarks } from './explore-model.ts';
import type { ExploredFailure, ExploredScenario } from './explore-result.ts';
import type { Seen } from './explore-seen.ts';
import { columnNames, endRows, exploreVerdict, machineCoverage } from './explore-text.ts';
import { type Markup, markup, nothing } from './markup.ts';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Explored scenarios as one HTML file, without a script and without anything outside of itself. */
export function exploreHtml(scenarios: readonly ExploredScenario[], seen?: Seen): string {
  const body = markup`<main><h1>What can happen</h1>
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
  const failure = scenario.failure ? lanes(scenario, scenario.failure) : nothing;
  const skipped = scenario.skipped === undefined ? nothing : markup`<p>${scenario.skipped}</p>`;
  const table = scenario.skipped === undefined ? endsTable(scenario, seen) : nothing;
  return markup`<section><h2>${scenario.name} <span class="${classOf(verdict)}">${verdict}</span></h2>
<p>${scenario.description}</p>${skipped}<ul>${coverage}${model}</ul>
${table}${remarks(scenario, seen)}${failure}</section>
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

/** The schedule: a lane for each actor, a row for each step. */
function lanes({ actors }: ExploredScenario, failure: ExploredFailure): Markup {
  const { steps, end, preemptions, machine, cause, command } = failure;
  const heads = actors.map((name) => markup`<th scope="col">${name}</th>`);
  const rows = steps.map((step, index) => {
    const cells = actors.map((_, actor) => {
      if (actor !== step.actor) return markup`<td class="lane"></td>`;
      const notes = step.notes.map((note) => markup`<small${warning(note)}>${note}</small>`);
      return markup`<td class="lane"><div class="step ${step.kind}"><code>${step.text}</code>${notes}</div></td>`;
    });
    return markup`<tr><th scope="row">${index + 1}</th>${cells}<td class="site">${step.site}</td></tr>`;
  });
  const what = end.kind === 'outcome' ? end.text : `${end.kind}: ${end.text}`;
  const sentence = cause ? markup`<p class="cause">${cause.sentence}</p>` : nothing;
  return markup`<h3>${what}</h3><p>${steps.length} steps, ${preemptions} preemptions, ${machine}</p>${sentence}
<div class="wide"><table class="lanes"><thead><tr><th scope="col">Step</th>${heads}<th scope="col">Source</th></tr></thead><tbody>${rows}</tbody></table></div>
<p>Again:</p><pre>${command}</pre>`;
}

/** Notes that say what is odd, apart from where a value came from. */
function warning(note: string): Markup {
  return /^(stale|lost|torn|races|nobody)/.test(note) ? markup` class="odd"` : nothing;
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
.lanes td.lane { min-width: 11rem; background: linear-gradient(var(--line), var(--line)) 1.5rem 0 / 2px 100% no-repeat; }
.step { position: relative; border-radius: 0.4rem; border: 1px solid var(--line); border-left-width: 5px; padding: 0.15rem 0.6rem; background: Canvas; display: inline-block; }
.step small { display: block; opacity: 0.85; } .step small.odd { color: var(--odd); opacity: 1; }
.step.read { border-left-color: #1e88e5; } .step.write { border-left-color: #e53935; }
.step.both { border-left-color: #8e24aa; } .step.wait, .step.time { border-left-color: #fb8c00; }
.step.notify { border-left-color: #43a047; } .step.flush { border-left-color: #6d4c41; border-style: dashed; border-left-style: solid; }
.site { opacity: 0.75; font-size: 0.85rem; white-space: nowrap; }
.cause { border-left: 4px solid var(--bad); padding-left: 0.7rem; }
pre { overflow-x: auto; border: 1px solid var(--line); padding: 0.5rem; border-radius: 0.4rem; }
`;
