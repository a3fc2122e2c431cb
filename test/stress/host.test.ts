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

/** It starts hosts beside its own file. */
async function hostStarter() {
  const dist = new URL('../../dist/stress/host.js', import.meta.url).href;
  return (await import(dist)) as typeof import('../../lib/stress/host.ts');
}

const FAR = Date.now() + 1_000_000;
const REQUEST: Omit<SessionRequest, 'file'> = {
  config: DEFAULT_CONFIG,
  isFixed: true,
  seed: 1,
  params: undefined,
  until: FAR,
  latest: FAR,
  leastMs: 0,
  timeoutMs: 1000,
  isLimitGiven: false,
  keepGoing: false,
};

/** What is told of a host whose scenario has left a process that holds its pipes. */
async function leaves(env: Readonly<Record<string, string>>, signal?: AbortSignal) {
  const { runHost } = await hostStarter();
  const folder = mkdtempSync(join(tmpdir(), 'syslets-host-'));
  const pidFile = join(folder, 'pid');
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.stubEnv('LEFT_PID_FILE', pidFile);
  const request = { ...REQUEST, file: fixture('leaves-a-process.ts') };
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

test('threads that start after their time is over have it from then on, whether or not the run goes on', async () => {
  const { runHost } = await hostStarter();
  const file = fixture('../../linearizability/fixtures/slow-start.linear.ts');
  for (const keepGoing of [true, false]) {
    const stop = new AbortController();
    const until = Date.now() + 100;
    const report = await runHost(
      { ...REQUEST, file, until, leastMs: 1_000_000, timeoutMs: 100_000, keepGoing },
      {
        signal: stop.signal,
        onProgress: ({ parts }) => {
          if (parts.length > 0) stop.abort();
        },
      },
    );
    expect(report.parts[0]?.samples).toBeGreaterThan(0);
    expect(report.begunAt).toBeGreaterThan(until + 400);
  }
});

test('a start counts from the fork, without the time in which the process was ready and had no part', async () => {
  const { prepareHost, runHost } = await hostStarter();
  const file = fixture('../../linearizability/fixtures/queue.linear.ts');
  const start = async () => {
    const now = Date.now();
    return runHost({ ...REQUEST, file, until: now, latest: now + 20_000, leastMs: 1 });
  };
  const { startMs } = await start();
  expect(startMs).toBeGreaterThan(10);
  const forked = Date.now();
  prepareHost();
  await sleep(10 * startMs);
  const later = await start();
  expect(later.startMs).toBeGreaterThan(startMs / 10);
  expect(later.startMs).toBeLessThan(5 * startMs);
  expect(later.begunAt).toBeGreaterThan(forked + 10 * startMs);
});
