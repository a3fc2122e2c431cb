import { historyRows } from './history-rows.ts';
import { type Markup, markup, nothing } from './markup.ts';
import type { MisfitHistory, NearOrder } from './result.ts';
import { threadName } from './result.ts';

/** The history as a table of threads, time running down, and the orders that came closest. */
export function historySection(failed: MisfitHistory, rate: string): Markup {
  const { condition, program, original, threads, why, orders } = failed;
  const heads = threads.map((_, i) => markup`<th scope="col">Thread ${threadName(i)}</th>`);
  const rows = historyRows(failed).map((cells) => {
    const tds = cells.map(
      ({ text, part }) => markup`<td class="call ${part}"><code>${text}</code></td>`,
    );
    return markup`<tr>${tds}</tr>\n`;
  });
  const small = original === program ? nothing : markup`, made small from <code>${original}</code>`;
  const line = why === undefined ? nothing : markup`<p>${why}</p>\n`;
  return markup`<h4>Not ${condition}: <code>${program}</code></h4>
<p class="facts">${rate}${small}</p>
<div class="wide"><table class="history">
<caption>Time runs down. A bar is a call under way, from its begin to its return (→).</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>
${line}${orders.length === 0 ? nothing : CLOSEST}${orders.map(nearOrder)}`;
}

const CLOSEST = markup`<p class="facts">Orders that come closest to what was seen:</p>\n`;

function nearOrder({ calls, next }: NearOrder): Markup {
  const order = calls.length === 0 ? 'nothing' : calls.join(', ');
  const items = next.map(
    ({ call, seen, model }) =>
      markup`<li>then <code>${call}</code> has to return <code>${model}</code>, and returned <code>${seen}</code></li>\n`,
  );
  return markup`<p>The model allows <code>${order}</code></p>
<ul>${items}</ul>
`;
}
