import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Bench, type CaseResult, type Cases, notMeasured } from './bench.ts';
import { LIVE_CASES, type LiveCase } from './live-cases.ts';
import type { LiveOutput } from './live-child.ts';
import { echoWithoutDescriptors } from './live-echo.ts';
import type { SeveralOutput } from './live-several-child.ts';
import { amount } from './short.ts';
import { rounded } from './stats.ts';

const CHILD = fileURLToPath(new URL('./live-child.js', import.meta.url));
const SEVERAL = fileURLToPath(new URL('./live-several-child.js', import.meta.url));
const ECHO_SERVER = fileURLToPath(new URL('./live-echo-server.js', import.meta.url));
const FREEZER = '/sys/fs/cgroup/freezer';
const BYTE_EVERY_MS = amount(300, 100);
const LIMIT_MS = 20_000;
/** A process for each: a short run takes the first few. */
const [MOST_CASES, SHORT_CASES] = [Number.POSITIVE_INFINITY, 4];
/** JavaScript may be held so long by a call that blocks. */
const BOUND_MS = 100;

function start({ prefix = [] }: LiveCase, name: string): ChildProcess {
  const [command = process.execPath, ...args] = [...prefix, process.execPath, CHILD, name];
  return spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
}

/** A byte now and then, so that what is held goes on some time. */
function feed(child: ChildProcess): NodeJS.Timeout {
  const input = child.stdio[3] as Writable;
  input.on('error', () => {}); // it has ended
  return setInterval(() => input.write('x'), BYTE_EVERY_MS);
}

async function output(child: ChildProcess, what: LiveCase): Promise<LiveOutput | undefined> {
  let text = '';
  let done = false;
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (done || !text.includes('harm\n')) return;
    done = true;
    what.harmFromOutside?.(child.pid ?? 0);
    child.stdin?.write('x');
  });
  await once(child, 'close');
  const last = text.trim().split('\n').at(-1) ?? '';
  return last.startsWith('{') ? (JSON.parse(last) as LiveOutput) : undefined;
}

async function liveCase(name: string, what: LiveCase): Promise<readonly CaseResult[]> {
  if (what.needsRoot && process.getuid?.() !== 0) return notMeasured(name, 'only root can do that');
  const child = start(what, name);
  const feeding = feed(child);
  const seen = await output(child, what);
  clearInterval(feeding);
  if (seen === undefined) throw new Error(`${name}: no end within ${LIMIT_MS} ms`);
  const { held, counters, ...detail } = seen;
  const missing = what.proof?.find((key) => !counters[key]);
  if (missing !== undefined) throw new Error(`${name}: nothing was missing, ${missing} is 0`);
  return [heldFor(name, held, { ...detail, ...counters })];
}

function heldFor(name: string, held: number, detail: CaseResult['detail']): CaseResult {
  return {
    case: name,
    value: rounded(held),
    unit: 'ms held',
    baseline: 'bound',
    baselineValue: BOUND_MS,
    ratio: rounded(held / BOUND_MS),
    detail,
  };
}

/** Nobody takes JavaScript over, and one call after the other blocks. */
async function several(name: string, since: string, ...more: string[]): Promise<CaseResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [SEVERAL, since, ...more], {
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const { held, ...detail } = JSON.parse(stdout) as SeveralOutput;
  if (detail.surfaced === 0) throw new Error(`${name}: nothing was missing, surfaced is 0`);
  if (detail.looks === 0) throw new Error(`${name}: no call was looked at, looks is 0`);
  return heldFor(name, held, detail);
}

/** No thread can be had, or no task at the program's own cap. */
async function severalCase(name: string, since: 'before' | 'after' | 'cap'): Promise<Cases> {
  const needsRoot = since !== 'cap';
  if (needsRoot && process.getuid?.() !== 0) return notMeasured(name, 'only root can do that');
  return several(name, since);
}

/** Somebody has frozen that one thread, for as long as it takes. */
async function frozenCase(name: string): Promise<Cases> {
  if (process.getuid?.() !== 0) return notMeasured(name, 'only root can do that');
  if (!existsSync(join(FREEZER, 'tasks'))) return notMeasured(name, 'no freezer of cgroup v1');
  const cgroup = join(FREEZER, `syslets-live-${process.pid}`);
  mkdirSync(cgroup);
  const state = (word: string) => writeFileSync(join(cgroup, 'freezer.state'), word);
  try {
    state('FROZEN');
    return await several(name, 'frozen', cgroup);
  } finally {
    state('THAWED');
    rmdirSync(cgroup);
  }
}

async function echoCase(): Promise<CaseResult> {
  const { held, heldBefore, answered, messages, ...detail } =
    await echoWithoutDescriptors(ECHO_SERVER);
  if (answered < messages) throw new Error(`echo server: ${messages - answered} wrong answers`);
  return heldFor('echo server', held, { heldBefore: rounded(heldBefore), messages, ...detail });
}

export const live: Bench = {
  name: 'live',
  description: 'the longest time that a blocked call holds JavaScript while something is missing',
  cases: [
    ...Object.entries(LIVE_CASES)
      .slice(0, amount(MOST_CASES, SHORT_CASES))
      .map(
        ([name, what]) =>
          () =>
            liveCase(name, what),
      ),
    () => severalCase('threads, several at once', 'after'),
    () => severalCase('threads, before the first call', 'before'),
    () => severalCase('maxTasks, several at once', 'cap'),
    () => frozenCase('watcher frozen, several at once'),
    echoCase,
  ],
};
