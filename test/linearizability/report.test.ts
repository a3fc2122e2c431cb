import { expect, test } from 'vitest';
import { historyRows } from '../../lib/report/history-rows.ts';
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
  misfits: 5,
  of: 1000,
  ms: 100,
};

test('time runs down, and calls that overlap stand beside each other', () => {
  expect(
    historyText(failed, noPaint)
      .split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual([
    '  not linearizable: pop() | pop() | push(0), pop()',
    '  1 of 200 histories of this program fails: 50 failures a second, made small from pop(), pop() | pop() | push(7), pop()',
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
  const page = historySection({ ...failed, program: 'push("<b>")' }).text;
  expect(page).toContain('push(&quot;&lt;b&gt;&quot;)');
  expect(page).toContain('<td class="call begin"><code>pop()</code></td>');
  expect(page).toContain('<th scope="col">Thread C</th>');
});
