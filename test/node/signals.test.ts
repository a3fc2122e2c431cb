import { expect, test } from 'vitest';
import { bothWays, run, trial } from './trial.ts';

test('listeners of SIGINT, SIGTERM, SIGWINCH, SIGUSR2, SIGHUP and SIGCHLD are called', async () => {
  expect(await bothWays('signals', 'listeners')).toEqual([[], []]);
});

test('listeners are called without worker threads of V8 too', async () => {
  expect(await trial('signals', 'listeners', { flags: ['--v8-pool-size=0'] })).toEqual([]);
});

test('SIGTERM without a listener ends the process', async () => {
  for (const mode of ['plain', 'carried'] as const) {
    expect(await run('signals', 'unlistened', { mode })).toMatchObject({ signal: 'SIGTERM' });
  }
});

test('a burst of signals during hand-offs is heard', async () => {
  expect(await bothWays('signals', 'burst')).toEqual([true, true]);
});

test('the end of a child process is told during hand-offs', async () => {
  expect(await bothWays('signals', 'childEnds')).toEqual([true, true]);
});

test('SIGUSR1 starts the inspector, which answers', async () => {
  const onLine = (line: string, pid: number) => {
    if (line.includes('ready')) process.kill(pid, 'SIGUSR1');
  };
  const flags = ['--inspect-port=0'];
  const node = `node.js/${process.version}`;
  expect(await bothWays('signals', 'inspectorBySigusr1', { onLine, flags })).toEqual([node, node]);
});

test('SIGUSR1 starts the inspector without worker threads of V8', async () => {
  const onLine = (line: string, pid: number) => {
    if (line.includes('ready')) process.kill(pid, 'SIGUSR1');
  };
  const flags = ['--inspect-port=0', '--v8-pool-size=0'];
  expect(await trial('signals', 'inspectorBySigusr1', { onLine, flags })).toBe(
    `node.js/${process.version}`,
  );
});
