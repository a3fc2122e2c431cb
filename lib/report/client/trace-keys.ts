import { byId } from './elements.ts';
import type { Timeline } from './timeline.ts';
import { LANE } from './trace-scene.ts';

/** Keys of the timeline; they work wherever no text is being typed. */
export function startKeys(timeline: Timeline): void {
  const find = byId<HTMLInputElement>('find');
  const actions: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    ArrowLeft: ({ shiftKey }) => timeline.change((view) => view.pan(shiftKey ? -0.5 : -0.1)),
    ArrowRight: ({ shiftKey }) => timeline.change((view) => view.pan(shiftKey ? 0.5 : 0.1)),
    ArrowUp: () => timeline.scroll.scrollBy(0, -LANE),
    ArrowDown: () => timeline.scroll.scrollBy(0, LANE),
    '+': () => timeline.change((view) => view.zoom(0.5)),
    '=': () => timeline.change((view) => view.zoom(0.5)),
    '-': () => timeline.change((view) => view.zoom(2)),
    '0': () => timeline.change((view) => view.fit()),
    n: () => timeline.stepMove(1),
    p: () => timeline.stepMove(-1),
    j: () => timeline.stepCall(1),
    k: () => timeline.stepCall(-1),
    Enter: () => timeline.zoomToChoice(),
    Escape: () => timeline.select(undefined),
    '/': () => find.focus(),
    '?': () => toggleKeys(),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === find) {
      leaveFind(event, find, timeline);
      return;
    }
    const action = actions[event.key];
    if (!action || isOthers(event)) return;
    event.preventDefault();
    action(event);
  });
}

/** Enter and arrows belong to the button, link or box that has the focus. */
function isOthers({ key, target }: KeyboardEvent): boolean {
  const isControl = target instanceof HTMLElement && target.closest('button, input, summary, a');
  return Boolean(isControl) && (key === 'Enter' || key.startsWith('Arrow'));
}

/** Enter goes on to the first that was found, Escape ends the search. */
function leaveFind(event: KeyboardEvent, find: HTMLInputElement, timeline: Timeline): void {
  if (event.key !== 'Enter' && event.key !== 'Escape') return;
  event.preventDefault();
  if (event.key === 'Escape') {
    find.value = '';
    find.dispatchEvent(new Event('input'));
  }
  timeline.root.focus();
  if (event.key === 'Enter') timeline.stepCall(1);
}

function toggleKeys(): void {
  const keys = byId<HTMLDetailsElement>('keys');
  keys.open = !keys.open;
  if (keys.open) keys.scrollIntoView();
}
