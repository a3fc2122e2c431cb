import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isOwn, userFrames } from '../../lib/stress/user-frames.ts';

const own = (file: string) => new URL(`../../lib/${file}`, import.meta.url).href;
const USER = '    at two (/home/me/lib/stress/queue.ts:7:67)';

test('frames of Node and of this package are left out, and those of folders with such names not', () => {
  const stack = [
    'RangeError: a message',
    '    at text that looks like a frame, of a message',
    `    at setter (${fileURLToPath(own('abi/view.ts'))}:1:2)`,
    `    at get wait (eval at compile (${own('stress/compile.ts')}:7:8), <anonymous>:19:86)`,
    USER,
    '    at eval (eval at two (/home/me/eval.js:1:2), <anonymous>:1:1)',
    '    at Array.map (<anonymous>)',
    `    at ${own('stress/walk.ts')}:3:4`,
    `    at async act (${own('stress/actor-worker.ts')}:5:6)`,
    '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
    '    at node:internal/main/worker_thread:1:2',
  ];
  const left = [stack[0], stack[1], USER, stack[5], stack[6]];
  expect(userFrames(stack.join('\n'))).toBe(left.join('\n'));
});

test('a stack of frames of ours alone stays as it is', () => {
  const stack = `Error: a fault\n    at run (${own('stress/walk.ts')}:3:4)`;
  expect(userFrames(stack)).toBe(stack);
});

test('what the debugger has no file of is made by this package', () => {
  expect(isOwn('')).toBe(true);
});
