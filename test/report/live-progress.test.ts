import { expect, test } from 'vitest';
import { LiveProgress, type LiveState, liveLine } from '../../lib/report/live-progress.ts';
import { noPaint } from '../../lib/report/paint.ts';
import { WorstSeen } from '../../lib/report/worst-seen.ts';
import { rules } from './data.ts';

const state: LiveState = {
  scenario: 'litmus/SB',
  index: 3,
  count: 24,
  samples: 12_345_678,
  samplesPerSecond: 4_560_000,
  elapsedMs: 15_000,
  leftMs: 45_000,
};

function stream(isTTY: boolean, columns = 200) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

test('the line has the scenario, its number, samples, rate, time left and the worst so far', () => {
  const worst = { scenario: 'litmus/MP', outcome: '1, 0', expect: 'interesting' } as const;
  expect(liveLine({ ...state, worst }, 200, noPaint)).toBe(
    '█████░░░░░░░░░░░░░░░ 45.0 s left  3/24 litmus/SB  12.3 M samples, 4.56 M/s  interesting 1, 0 in litmus/MP',
  );
});

test('it is cut to the width of the terminal', () => {
  for (const width of [0, 5, 30, 79]) {
    expect([...liveLine(state, width, noPaint)].length).toBeLessThanOrEqual(width);
  }
});

test('a terminal is drawn on ten times a second at most; lines that stay go above', () => {
  const out = stream(true, 40);
  let now = 0;
  const live = new LiveProgress(out, noPaint, () => now);
  live.show(state);
  live.show(state);
  expect(out.written).toHaveLength(1);
  now = 100;
  live.show({ ...state, index: 4 });
  expect(out.written).toHaveLength(2);
  live.line('died');
  expect(out.written.at(-1)).toContain('\r\x1b[Kdied\n█');
  live.end();
  expect(out.written.at(-1)).toBe('\r\x1b[K');
});

test('elsewhere there are the lines that stay, and nothing else', () => {
  const out = stream(false);
  const live = new LiveProgress(out, noPaint);
  live.show(state);
  live.line('litmus/SB passed');
  live.end();
  expect(out.written).toEqual(['litmus/SB passed\n']);
});

test('the worst outcome is the first of the worst', () => {
  const seen = new WorstSeen();
  const sb = { name: 'SB', outcomes: rules };
  expect(seen.worst).toBeUndefined();
  seen.see(sb, { '1, 1': 5, '9, 9': 0 });
  expect(seen.worst).toMatchObject({ expect: 'acceptable' });
  seen.see(sb, { '0, 0': 1 });
  seen.see(sb, { '0, 0': 9, '1, 1': 1 });
  expect(seen.worst).toEqual({ scenario: 'SB', outcome: '0, 0', expect: 'interesting' });
  seen.see({ ...sb, name: 'SB.atomics' }, { '8, 8': 1 });
  expect(seen.worst).toEqual({ scenario: 'SB.atomics', outcome: '8, 8', expect: 'forbidden' });
});
