import { all, byId } from './elements.ts';
import { startSorting } from './sorting.ts';
import { themeButton } from './theme.ts';

const search = byId<HTMLInputElement>('name');
const verdicts = all<HTMLButtonElement>('button.verdict');
const sections = all<HTMLDetailsElement>('details.scenario');
const rows = all<HTMLTableRowElement>('#overview tbody tr');

/** Shows the scenarios that have each word of the search in their name, and a verdict that is on. */
function filter(): void {
  const words = search.value
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const on = new Set(verdicts.filter(isOn).map((button) => button.dataset.verdict));
  const fits = ({ dataset }: HTMLElement) =>
    on.has(dataset.verdict) && words.every((word) => dataset.name?.toLowerCase().includes(word));
  for (const element of [...sections, ...rows]) element.hidden = !fits(element);
  const shown = sections.filter(({ hidden }) => !hidden).length;
  byId('shown').textContent = `${shown} of ${sections.length} shown`;
  byId('none').hidden = shown > 0;
  nameOpenAll();
}

function isOn(button: HTMLElement): boolean {
  return button.getAttribute('aria-pressed') === 'true';
}

function startFilter(): void {
  search.form?.addEventListener('submit', (event) => event.preventDefault());
  search.addEventListener('input', filter);
  for (const button of verdicts) {
    button.addEventListener('click', () => {
      button.setAttribute('aria-pressed', String(!isOn(button)));
      filter();
    });
  }
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !(event.target instanceof HTMLInputElement)) {
      event.preventDefault();
      search.focus();
    }
    if (event.key === 'Escape' && event.target === search) {
      search.value = '';
      filter();
    }
  });
}

function shownSections(): HTMLDetailsElement[] {
  return sections.filter(({ hidden }) => !hidden);
}

function nameOpenAll(): void {
  const isAllOpen = shownSections().every(({ open }) => open);
  byId('open-all').textContent = isAllOpen ? 'Close all' : 'Open all';
}

function startOpenAll(): void {
  byId('open-all').addEventListener('click', () => {
    const isAllOpen = shownSections().every(({ open }) => open);
    for (const section of shownSections()) section.open = !isAllOpen;
  });
  for (const section of sections) section.addEventListener('toggle', nameOpenAll);
}

/** An anchor in the overview, or in the address, opens what it leads to. */
function openTarget(): void {
  const target = document.getElementById(location.hash.slice(1));
  if (!(target instanceof HTMLDetailsElement)) return;
  target.open = true;
  target.scrollIntoView();
  target.querySelector<HTMLElement>('summary')?.focus({ preventScroll: true });
}

function startBars(): void {
  const log = byId<HTMLInputElement>('log');
  log.addEventListener('change', () => {
    for (const bar of all<SVGRectElement>('rect[data-log]')) {
      bar.setAttribute('width', (log.checked ? bar.dataset.log : bar.dataset.linear) ?? '0');
    }
  });
}

function startCopying(): void {
  for (const button of all<HTMLButtonElement>('button.copy')) {
    button.addEventListener('click', async () => {
      const copied = await copy(button.dataset.copy ?? '', button);
      button.textContent = copied ? 'Copied' : 'Selected';
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 1500);
    });
  }
}

/** A page from a disk may have no clipboard: then the text is selected, for Ctrl-C. */
async function copy(text: string, button: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const code = button.parentElement?.querySelector('code');
    if (code) getSelection()?.selectAllChildren(code);
    return false;
  }
}

startFilter();
startOpenAll();
startBars();
startCopying();
startSorting(byId<HTMLTableElement>('overview'), byId('scenarios'));
themeButton(byId('theme'));
addEventListener('hashchange', openTarget);
filter();
openTarget();
