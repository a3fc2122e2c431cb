import { all } from './elements.ts';

const TEXTS = new Set(['name']);
/** A verdict is sorted by how bad it is. */
const MEMBER: Readonly<Record<string, string>> = { verdict: 'rank' };

/** Makes the heads of the overview sort its rows, and the sections that they lead to alike. */
export function startSorting(table: HTMLTableElement, sections: HTMLElement): void {
  const heads = all<HTMLButtonElement>('thead button[data-sort]', table);
  for (const head of heads) {
    head.addEventListener('click', () => {
      const isAscending = head.closest('th')?.getAttribute('aria-sort') === 'ascending';
      const isFirst = !head.closest('th')?.hasAttribute('aria-sort');
      const key = head.dataset.sort ?? '';
      const down = isFirst ? !TEXTS.has(key) && key !== 'verdict' : isAscending;
      for (const other of heads) other.closest('th')?.removeAttribute('aria-sort');
      head.closest('th')?.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      sort(table, sections, key, down ? -1 : 1);
    });
  }
}

function sort(table: HTMLTableElement, sections: HTMLElement, key: string, sign: 1 | -1): void {
  const member = MEMBER[key] ?? key;
  const value = (row: HTMLElement) => row.dataset[member] ?? '';
  const rows = all<HTMLTableRowElement>('tbody tr', table);
  rows.sort((a, b) => {
    const order = TEXTS.has(key)
      ? value(a).localeCompare(value(b), 'en', { numeric: true })
      : Number(value(a)) - Number(value(b));
    return sign * order;
  });
  table.tBodies[0]?.append(...rows);
  const ids = rows.map((row) => row.querySelector('a')?.hash.slice(1) ?? '');
  sections.append(...ids.flatMap((id) => document.getElementById(id) ?? []));
}
