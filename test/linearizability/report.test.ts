import { expect, test } from 'vitest';
import { historyRows, rateText } from '../../lib/report/history-rows.ts';
import { historyText } from '../../lib/report/history-text.ts';
import { historySection } from '../../lib/report/html-history.ts';
import { noPaint } from '../../lib/report/index.ts';
import type { FailedHistory } from '../../lib/report/result.ts';

const failed: FailedHistory = {
  condition: 'linearizable',
  program: 'pop() | pop() | push(0), pop()',
  original: 'pop(), pop() | pop() | push(7), pop()',
  threads: [
    [{ call: 'pop()', result: '0', begin: 1, end: 1 }],
    [{ call: 'pop()', result: '0', begin: 1, end: 2 }],
    [
      { call: 'push(0)', result: 'true', begin: 0, end: 0 },
      { call: 'pop()', result: 'nothing yet', begin: 3, end: null },
    ],
  ],
  orders: [
    {
      calls: ['C: push(0) → true', 'A: pop() → 0'],
      next: [{ call: 'B: pop()', seen: '0', model: 'undefined' }],
    },
  ],
  misfits: 2,
  of: 3,
  ms: 900,
};

test('time runs down, and calls that overlap stand beside each other', () => {
  expect(
    historyText(failed, rateText(failed), noPaint)
      .split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual([
    '  not linearizable: pop() | pop() | push(0), pop()',
    '  it hung in 2 of 3 runs of up to 300 ms, made small from pop(), pop() | pop() | push(7), pop()',
    '    thread A   thread B   thread C',
    '                          ■ push(0) → true',
    '    ┌ pop()',
    '    │          ┌ pop()',
    '    └ → 0      │',
    '               └ → 0',
    '                          ■ pop() never returns',
    '  the model allows C: push(0) → true, A: pop() → 0',
    '    then B: pop() has to return undefined, and returned 0',
    '',
  ]);
});

test.each([
  [
    { misfits: 5, of: 1000, ms: 100 },
    '1 of 200 histories of this program fails: 50 failures a second',
  ],
  [{ misfits: 1, of: 1, ms: 4000 }, 'each history of this program fails: one failure in 4 s'],
  [{ misfits: 0, of: 99, ms: 10 }, 'it was not seen again when it was counted how often it comes'],
  [{ misfits: 0, of: 0, ms: 0 }, 'how often it comes was not measured'],
])('how often it fails where all calls return: %o', (rate, text) => {
  const threads = failed.threads.slice(0, 2);
  expect(rateText({ ...failed, threads, ...rate })).toBe(text);
});

test("calls of a thread never overlap, also where nothing but the thread's order is known", () => {
  const call = (name: string) => ({ call: name, result: '1', begin: 0, end: 1 });
  const rows = historyRows({ ...failed, threads: [[call('a'), call('b')], [call('c')]] });
  expect(rows.map((cells) => cells.map(({ part }) => part).join())).toEqual([
    'begin,none',
    'on,begin',
    'end,on',
    'whole,on',
    'none,end',
  ]);
});

test('the page has the same, with markup escaped', () => {
  const page = historySection({ ...failed, program: 'push("<b>")' }, rateText(failed)).text;
  expect(page).toContain('push(&quot;&lt;b&gt;&quot;)');
  expect(page).toContain('<td class="call begin"><code>pop()</code></td>');
  expect(page).toContain('<th scope="col">Thread C</th>');
});
