import { oneLine } from './escape.ts';
import { duration, short } from './numbers.ts';
import { expectPaint, type Paint } from './paint.ts';
import type { Worst } from './worst-seen.ts';

/** Where a stress run is. Counts and times are those of the whole run. */
export interface LiveState {
  readonly scenario: string;
  /** From 1. */
  readonly index: number;
  readonly count: number;
  readonly samples: number;
  readonly samplesPerSecond: number;
  readonly elapsedMs: number;
  readonly leftMs: number;
  readonly worst?: Worst | undefined;
}

/** What of a stream is used: process.stderr fits. */
export interface LiveStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const REDRAW_MS = 100;
const BAR = 20;

/**
 * The last line of a terminal, written over as a run goes on; lines that stay go above it. A stream
 * that is no terminal gets the lines that stay, and nothing else.
 */
export class LiveProgress {
  readonly #stream: LiveStream;
  readonly #paint: Paint;
  readonly #now: () => number;
  #next = 0;
  #last = '';

  constructor(stream: LiveStream, paint: Paint, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#paint = paint;
    this.#now = now;
  }

  /** May be called as often as one likes; draws ten times a second. */
  show(state: LiveState): void {
    if (this.#stream.isTTY !== true || this.#now() < this.#next) return;
    this.#next = this.#now() + REDRAW_MS;
    this.#last = liveLine(state, (this.#stream.columns ?? 80) - 1, this.#paint);
    this.#stream.write(`\r\x1b[K${this.#last}`);
  }

  /** A line that stays: a scenario is done, a trial died. */
  line(text: string): void {
    const isDrawn = this.#last !== '';
    this.#stream.write(isDrawn ? `\r\x1b[K${text}\n${this.#last}` : `${text}\n`);
  }

  /** Takes the last line away. */
  end(): void {
    if (this.#last !== '') this.#stream.write('\r\x1b[K');
    this.#last = '';
  }
}

type Part = readonly [text: string, brush?: (text: string) => string];

/** The line, cut to a width before it is coloured. */
export function liveLine(state: LiveState, width: number, paint: Paint): string {
  const { scenario, index, count, samples, samplesPerSecond, elapsedMs, leftMs, worst } = state;
  const whole = elapsedMs + leftMs;
  const full = whole === 0 ? 0 : Math.min(BAR, Math.floor((elapsedMs / whole) * BAR));
  const parts: Part[] = [
    ['█'.repeat(full), paint.cyan],
    ['░'.repeat(BAR - full), paint.dim],
    [` ${duration(leftMs)} left  ${index}/${count} `],
    [oneLine(scenario), paint.bold],
    [`  ${short(samples)} samples, ${short(samplesPerSecond)}/s`],
  ];
  if (worst) {
    const text = `  ${worst.expect} ${oneLine(worst.outcome)}`;
    const where = worst.scenario === scenario ? '' : ` in ${oneLine(worst.scenario)}`;
    parts.push([text + where, expectPaint(paint, worst.expect)]);
  }
  return cut(parts, width);
}

function cut(parts: readonly Part[], width: number): string {
  let left = width;
  return parts
    .map(([text, brush = (one) => one]) => {
      const shown = [...text].slice(0, Math.max(0, left)).join('');
      left -= [...text].length;
      return shown === '' ? '' : brush(shown);
    })
    .join('');
}
