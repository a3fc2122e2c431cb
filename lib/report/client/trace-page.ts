import type { TracePageData } from '../trace-page-types.ts';
import { all, byId } from './elements.ts';
import { themeButton } from './theme.ts';
import { Timeline } from './timeline.ts';
import { startKeys } from './trace-keys.ts';
import { Model } from './trace-model.ts';
import { startMouse } from './trace-mouse.ts';

const data = JSON.parse(byId('data').textContent ?? '') as TracePageData;
const timeline = new Timeline(new Model(data));

function startButtons(): void {
  const actions: Readonly<Record<string, () => void>> = {
    'zoom-in': () => timeline.change((view) => view.zoom(0.5)),
    'zoom-out': () => timeline.change((view) => view.zoom(2)),
    fit: () => timeline.change((view) => view.fit()),
    previous: () => timeline.stepMove(-1),
    next: () => timeline.stepMove(1),
  };
  for (const button of all<HTMLButtonElement>('.toolbar button')) {
    const action = actions[button.id];
    if (action) button.addEventListener('click', action);
  }
  const idle = byId<HTMLInputElement>('idle');
  idle.addEventListener('change', () => timeline.showIdle(idle.checked));
}

function startFinding(): void {
  const find = byId<HTMLInputElement>('find');
  find.addEventListener('input', () => {
    const count = timeline.find(find.value.trim());
    byId('found').textContent = count === undefined ? '' : `${count.toLocaleString('en')} found`;
  });
}

startButtons();
startFinding();
startMouse(timeline);
startKeys(timeline);
themeButton(byId('theme'), () => timeline.recolor());
new ResizeObserver(() => timeline.draw()).observe(byId('timeline'));
timeline.draw();
