import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const HOST = fileURLToPath(new URL('../../dist/stress/host-main.js', import.meta.url));

test.each([0, 50, 1000])('a host whose run is gone ends, %i ms after its start', async (ms) => {
  const host = fork(HOST, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const end = once(host, 'exit');
  setTimeout(() => host.disconnect(), ms);
  expect((await end)[0]).toBe(1);
});
