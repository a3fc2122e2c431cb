import type { ExploredFailure, ExploredScenario, ExploredStep } from './explore-result.ts';
import { type Markup, markup, nothing } from './markup.ts';
import { counted } from './numbers.ts';

/** Rows of the grid: the head is the first, and behind each row is one that arrows begin and end in. */
const rowOf = (index: number) => 2 * index + 3;
/** The first column has the numbers of steps. */
const columnOf = (actor: number) => actor + 2;

/** The head that all arrows of a page share. */
export const arrowHead: Markup = markup`<svg class="head" aria-hidden="true"><defs><marker id="written" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 Z"/></marker></defs></svg>`;

/** The schedule: a lane for each actor, a row for each step, an arrow from a read to its write. */
export function lanes({ actors }: ExploredScenario, failure: ExploredFailure): Markup {
  const { steps, end, preemptions, machine, cause, command } = failure;
  const heads = actors.map((name) => markup`<b role="columnheader">${name}</b>`);
  const lines = actors.map(
    (_, actor) =>
      markup`<i class="line" style="grid-area: 2 / ${columnOf(actor)} / ${rowOf(steps.length)} / auto"></i>`,
  );
  const rows = steps.map((step, index) => row(actors, step, index));
  const arrows = steps.flatMap((step, index) => arrowsOf(steps, step, index));
  const what = end.kind === 'outcome' ? end.text : `${end.kind}: ${end.text}`;
  const sentence = cause ? markup`<p class="cause">${cause.sentence}</p>` : nothing;
  return markup`<h3>${what}</h3><p>${steps.length} steps, ${counted(preemptions, 'preemption')}, ${machine}</p>${sentence}
<div class="wide"><div class="lanes" role="table" style="grid-template-columns: auto repeat(${actors.length}, minmax(11rem, auto)) auto"><div role="row"><b role="columnheader">Step</b>${heads}<b role="columnheader">Source</b></div>${lines}${rows}${arrows}</div></div>
<p>Again:</p><pre>${command}</pre>`;
}

function row(actors: readonly string[], step: ExploredStep, index: number): Markup {
  const at = (column: number) => `grid-area: ${rowOf(index)} / ${column}`;
  const notes = step.notes.map((note) => markup`<small${warning(note)}>${note}</small>`);
  return markup`<div role="row"><b role="rowheader" style="${at(1)}">${index + 1}</b><div role="cell" style="${at(columnOf(step.actor))}"><div class="step ${step.kind}"><code>${step.text}</code>${notes}</div></div><span role="cell" class="site" style="${at(columnOf(actors.length))}">${step.site}</span></div>
`;
}

/** From a read up to each write that it has read from, between the lines of the two actors. */
function arrowsOf(
  steps: readonly ExploredStep[],
  { actor, from = [] }: ExploredStep,
  index: number,
): Markup[] {
  return from.flatMap((writer) => {
    const other = steps[writer]?.actor;
    if (other === undefined) return [];
    const rows = `${rowOf(writer) + 1} / ${columnOf(Math.min(actor, other))} / ${rowOf(index)}`;
    const area = `grid-area: ${rows} / ${columnOf(Math.max(actor, other))}`;
    if (actor === other) return [arrow(area, ' own', '0', '0')];
    return [other < actor ? arrow(area, '', '100%', '0') : arrow(area, '', '0', '100%')];
  });
}

function arrow(area: string, own: string, from: string, to: string): Markup {
  return markup`<svg class="arrow${own}" style="${area}" aria-hidden="true"><line x1="${from}" y1="100%" x2="${to}" y2="0" marker-end="url(#written)"/></svg>`;
}

/** Notes that say what is odd, apart from where a value came from. */
function warning(note: string): Markup {
  return /^(stale|lost|torn|races|nobody)/.test(note) ? markup` class="odd"` : nothing;
}

export const LANES_STYLE = `
.lanes, .head { --read: #1e88e5; }
.lanes { display: grid; position: relative; margin: 1rem 0; grid-auto-rows: minmax(1.1rem, auto); }
.lanes [role=row] { display: contents; }
.lanes [role=columnheader] { border-bottom: 1px solid var(--line); padding: 0.25rem 0.7rem; }
.lanes [role=rowheader], .site { padding: 0.25rem 0.7rem; }
.lanes [role=cell]:not(.site) { z-index: 1; padding-right: 1.5rem; }
.line { border-left: 2px solid var(--line); margin-left: 1.5rem; }
.step { border-radius: 0.4rem; border: 1px solid var(--line); border-left-width: 5px; padding: 0.15rem 0.6rem; background: Canvas; display: inline-block; }
.step small { display: block; opacity: 0.85; } .step small.odd { color: var(--odd); opacity: 1; }
.step.read { border-left-color: var(--read); } .step.write { border-left-color: #e53935; }
.step.both { border-left-color: #8e24aa; } .step.wait, .step.time { border-left-color: #fb8c00; }
.step.notify { border-left-color: #43a047; } .step.flush { border-left-color: #6d4c41; border-style: dashed; border-left-style: solid; }
.site { opacity: 0.75; font-size: 0.85rem; white-space: nowrap; }
.head { position: absolute; width: 0; height: 0; } .head path { fill: var(--read); }
.arrow { position: absolute; left: 0; top: 0; width: 100%; height: 100%; overflow: visible; pointer-events: none; transform: translateX(1.5rem); }
.arrow.own { transform: translateX(2.2rem); }
.arrow line { stroke: var(--read); stroke-width: 1.5; }
`;
