import { byId } from './elements.ts';
import type { Timeline } from './timeline.ts';
import { choiceText } from './trace-text.ts';

/** Pixels that a press may move and still be a click. */
const STILL = 4;

/** Wheel, drag, click and tip. */
export function startMouse(timeline: Timeline): void {
  startWheel(timeline);
  startDrag(timeline);
  startTip(timeline);
  startStrip(timeline);
}

/** The wheel zooms; where threads do not fit it scrolls them, and zooms with Ctrl. */
function startWheel(timeline: Timeline): void {
  const { canvas, scroll, view } = timeline;
  canvas.addEventListener(
    'wheel',
    (event) => {
      const isScrolling = scroll.scrollHeight > scroll.clientHeight + 1;
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (sideways !== 0) {
        event.preventDefault();
        timeline.change(() => view.pan(sideways / (view.right - view.left)));
      } else if (event.ctrlKey || event.metaKey || !isScrolling) {
        event.preventDefault();
        const factor = 1.0015 ** event.deltaY;
        timeline.change(() => view.zoom(factor, view.time(event.offsetX)));
      }
    },
    { passive: false },
  );
  canvas.addEventListener('dblclick', (event) =>
    timeline.change(() => view.zoom(0.4, view.time(event.offsetX))),
  );
}

function startDrag(timeline: Timeline): void {
  const { canvas, view, scroll } = timeline;
  let from: { x: number; y: number; moved: number } | undefined;
  canvas.addEventListener('pointerdown', (event) => {
    from = { x: event.clientX, y: event.clientY, moved: 0 };
    canvas.setPointerCapture(event.pointerId);
    canvas.classList.add('dragging');
    timeline.root.focus();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!from) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    from = { x: event.clientX, y: event.clientY, moved: from.moved + Math.abs(dx) + Math.abs(dy) };
    if (from.moved <= STILL) return;
    scroll.scrollTop -= dy;
    timeline.change(() => view.pan(-dx / (view.right - view.left)));
  });
  canvas.addEventListener('pointerup', (event) => {
    canvas.classList.remove('dragging');
    if (from && from.moved <= STILL) timeline.select(timeline.at(event.offsetX, event.offsetY));
    from = undefined;
  });
}

function startTip(timeline: Timeline): void {
  const tip = byId('tip');
  const { canvas, root, model } = timeline;
  canvas.addEventListener('pointermove', (event) => {
    const choice = event.buttons === 0 ? timeline.at(event.offsetX, event.offsetY) : undefined;
    tip.hidden = choice === undefined;
    if (!choice) return;
    tip.textContent = choiceText(model, choice);
    const box = root.getBoundingClientRect();
    const x = Math.min(event.clientX - box.left + 14, box.width - tip.offsetWidth - 8);
    const below = event.clientY - box.top + 18;
    const y = below + tip.offsetHeight > box.height ? below - tip.offsetHeight - 30 : below;
    tip.style.left = `${Math.max(4, x)}px`;
    tip.style.top = `${Math.max(4, y)}px`;
  });
  canvas.addEventListener('pointerleave', () => {
    tip.hidden = true;
  });
}

/** A click on the overview, or a drag over it, moves the view there. */
function startStrip(timeline: Timeline): void {
  const { strip, view, overview } = timeline;
  const go = (event: PointerEvent): void => {
    if (event.buttons === 0) return;
    const at = overview.time(event.offsetX);
    timeline.change(() => view.show(at - view.length / 2, at + view.length / 2));
  };
  strip.addEventListener('pointerdown', go);
  strip.addEventListener('pointermove', go);
}
