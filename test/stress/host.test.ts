import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { DEFAULT_CONFIG } from '../../lib/stress/index.ts';
import type { SessionRequest } from '../../lib/stress/session-request.ts';
import { fixture } from './stress.ts';

const HOST = fileURLToPath(new URL('../../dist/stress/host-main.js', import.meta.url));

test.each([0, 50, 1000])('a host whose run is gone ends, %i ms after its start', async (ms) => {
  const host = fork(HOST, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const end = once(host, 'exit');
  setTimeout(() => host.disconnect(), ms);
  expect((await end)[0]).toBe(1);
});

/** What is told of a host whose scenario has left a process that holds its pipes. */
async function leaves(env: Readonly<Record<string, string>>, signal?: AbortSignal) {
  // it starts hosts beside its own file
  const dist = new URL('../../dist/stress/host.js', import.meta.url).href;
  const { runHost } = (await import(dist)) as typeof import('../../lib/stress/host.ts');
  const folder = mkdtempSync(join(tmpdir(), 'syslets-host-'));
  const pidFile = join(folder, 'pid');
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.stubEnv('LEFT_PID_FILE', pidFile);
  const far = Date.now() + 1_000_000;
  const request: SessionRequest = {
    config: DEFAULT_CONFIG,
    isFixed: true,
    seed: 1,
    file: fixture('leaves-a-process.ts'),
    params: undefined,
    until: far,
    latest: far,
    timeoutMs: 1000,
    isLimitGiven: false,
    keepGoing: false,
  };
  const report = runHost(request, { signal });
  vi.unstubAllEnvs();
  let pid = 0;
  for (; pid === 0; await sleep(10)) {
    if (existsSync(pidFile)) pid = Number(readFileSync(pidFile, 'utf8'));
  }
  const end = () => {
    // what was left is still there
    process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true });
  };
  return { report, end };
}

test('a host that is not wanted any more is not waited for, whoever holds its pipes', async () => {
  const stop = new AbortController();
  const { report, end } = await leaves({}, stop.signal);
  stop.abort();
  expect(await report).toMatchObject({ end: 'ok', parts: [] });
  end();
});

test('a host that died has died, whoever holds its pipes', async () => {
  const { report, end } = await leaves({ LEFT_EXIT: '3' });
  expect(await report).toMatchObject({ end: 'died', detail: { exitCode: 3 } });
  end();
});
