import type { Expect } from '../scenario/index.ts';
import { type Markup, markup } from './markup.ts';
import { grouped, percent } from './numbers.ts';

export interface Slice {
  readonly name: string;
  readonly samples: number;
  readonly expect: Expect;
}

const WIDTH = 240;
const HEIGHT = 12;
/** Narrower, what was seen once among millions would not be seen here. */
const LEAST = 3;
const MOST_SLICES = 40;
/** Neighbours of one colour differ. */
const TONES = 3;

/** All outcomes in one bar, worst first; the rare ones get a width that the eye can find. */
export function stackedBar(slices: readonly Slice[]): Markup {
  const seen = slices.filter(({ samples }) => samples > 0).slice(0, MOST_SLICES);
  const all = seen.reduce((sum, { samples }) => sum + samples, 0);
  const widths = widthsOf(seen.map(({ samples }) => samples / all));
  const tones = { acceptable: 0, interesting: 0, forbidden: 0 };
  let x = 0;
  const parts = seen.map(({ name, samples, expect }, i) => {
    const width = widths[i] ?? 0;
    const at = x;
    x += width;
    const tone = tones[expect]++ % TONES;
    const text = `${name}: ${grouped(samples)} (${percent(samples / all)}), ${expect}`;
    const box = markup`x="${at.toFixed(2)}" width="${Math.max(0.5, width - 0.75).toFixed(2)}" height="${HEIGHT}"`;
    return markup`<rect class="${expect} tone${tone}" ${box}><title>${text}</title></rect>`;
  });
  const label = seen.map(({ name, samples }) => `${name}: ${percent(samples / all)}`).join('; ');
  return markup`<svg class="stack" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label || 'no samples'}">${parts}</svg>`;
}

/** Widths of at least LEAST each, what that takes being taken from the wide ones. */
function widthsOf(parts: readonly number[]): number[] {
  const narrow = parts.filter((part) => part * WIDTH < LEAST);
  const left = WIDTH - narrow.length * LEAST;
  const wide =
    parts.reduce((sum, part) => sum + part, 0) - narrow.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => (part * WIDTH < LEAST ? LEAST : (part / wide) * left));
}

/** Decades below 1 that the logarithmic bars show: one in a thousand million. */
const DECADES = 9;

/** One outcome's part; its script widths for both scales are there for the page's switch. */
export function shareBar(frequency: number, expect: Expect): Markup {
  const linear = frequency * 100;
  const log =
    frequency === 0 ? 0 : Math.max(1, ((Math.log10(frequency) + DECADES) / DECADES) * 100);
  const least = frequency === 0 ? 0 : Math.max(linear, 0.6);
  const widths = markup`data-linear="${least.toFixed(2)}" data-log="${log.toFixed(2)}"`;
  return markup`<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="10"/><rect class="${expect}" width="${least.toFixed(2)}" height="10" ${widths}/></svg>`;
}
