import { historyRows, rateText, threadName } from './history-rows.ts';
import { type Markup, markup, nothing } from './markup.ts';
import type { FailedHistory, NearOrder } from './result.ts';

/** The history as a table of threads, time running down, and the orders that came closest. */
export function historySection(failed: FailedHistory): Markup {
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
<p class="facts">${rateText(failed)}${small}</p>
<div class="wide"><table class="history">
<thead><tr>${heads}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>
${line}${orders.map(nearOrder)}`;
}

function nearOrder({ calls, next }: NearOrder): Markup {
  const order = calls.length === 0 ? 'nothing' : calls.join(', ');
  const items = next.map(
    ({ call, seen, model }) =>
      markup`<li><code>${call}</code> returns <code>${model}</code>, seen: <code>${seen}</code></li>\n`,
  );
  return markup`<p>The model explains <code>${order}</code>; then</p>
<ul>${items}</ul>
`;
}
