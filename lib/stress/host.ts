import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TrialDetail } from '../report/result.ts';
import { epochMs } from './epoch.ts';
import type { SessionMessage, SessionReport, SessionRequest } from './session-request.ts';

const MAIN = fileURLToPath(new URL('./host-main.js', import.meta.url));
/** After its time is up a host has so long to say what it has counted; else that is lost. */
const GRACE_MS = 550;
const STDERR_CHARS = 4000;

let spare: ChildProcess | undefined;

/** Starts a process before it is known what it will run: that costs nothing but the other processor. */
export function prepareHost(): void {
  if (spare) return;
  spare = fork(MAIN, [], { silent: true });
  spare.once('exit', forget(spare));
  setRefs(spare, 'unref');
}

function forget(child: ChildProcess): () => void {
  return () => {
    if (spare === child) spare = undefined;
  };
}

function takeHost(): ChildProcess {
  prepareHost();
  const child = spare as ChildProcess;
  spare = undefined;
  setRefs(child, 'ref');
  return child;
}

/** Ends a process that was prepared and is not needed. */
export function dropHost(): void {
  spare?.kill('SIGKILL');
  spare = undefined;
}

/** Whether this process waits for the other. */
function setRefs(child: ChildProcess, how: 'ref' | 'unref'): void {
  child[how]();
  const parts: readonly unknown[] = [child.channel, child.stdout, child.stderr];
  for (const part of parts) (part as Record<string, (() => void) | undefined> | null)?.[how]?.();
}

export interface HostOptions {
  readonly onProgress?: (report: SessionReport) => void;
  /** Ends the process; what it had counted is the result. */
  readonly signal?: AbortSignal | undefined;
}

/** A session in a process of its own. However that ends, this is a result and never throws. */
export async function runHost(
  request: SessionRequest,
  options: HostOptions = {},
): Promise<SessionReport> {
  const child = takeHost();
  const stop = () => child.kill('SIGKILL');
  options.signal?.addEventListener('abort', stop);
  const stderr = tailOf(child);
  const { config, seed } = request;
  let last: SessionReport = {
    parts: [],
    sightings: [],
    notes: [],
    end: 'ok',
    last: { config, seed },
  };
  let over: SessionReport | undefined;
  const isOver = new Promise<undefined>((resolve) => {
    child.on('message', (message: SessionMessage) => {
      last = message.report;
      options.onProgress?.(last);
      if (message.kind === 'progress') return;
      over = message.report;
      // who died has something to say on stderr; else nobody need wait for its end
      if (last.end === 'ok') resolve(undefined);
    });
  });
  child.send(request, () => undefined);
  const limitMs = request.latest - epochMs() + GRACE_MS;
  const end = await Promise.race([isOver, ended(child, limitMs)]);
  options.signal?.removeEventListener('abort', stop);
  if (over || !end) return withStderr(over ?? last, stderr());
  const { code, signal, isLate } = end;
  // what was counted until the user stopped the run is right
  if (options.signal?.aborted) return { ...last, end: 'ok' };
  if (isLate) return { ...last, notes: [...last.notes, LATE] };
  return { ...last, end: 'died', detail: deathOf(code, signal, stderr()) };
}

const LATE =
  'the machine was too busy: a process did not say in time what it had counted last, and was ended';

function tailOf(child: ChildProcess): () => string {
  let text = '';
  child.stdout?.resume();
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-STDERR_CHARS);
  });
  return () => text.trim();
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly isLate: boolean;
}

function ended(child: ChildProcess, limitMs: number): Promise<End> {
  return new Promise((resolve) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, limitMs);
    child.once('error', () => resolve({ code: null, signal: null, isLate }));
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, isLate });
    });
  });
}

function withStderr(report: SessionReport, stderr: string): SessionReport {
  if (!report.detail || stderr === '') return report;
  return { ...report, detail: { ...report.detail, stderr } };
}

function deathOf(code: number | null, signal: NodeJS.Signals | null, stderr: string): TrialDetail {
  const rest = stderr === '' ? {} : { stderr };
  if (signal !== null) {
    return { message: `the trial's process was killed by ${signal}`, signal, ...rest };
  }
  const message = `the trial's process ended with exit code ${code}`;
  return { message, exitCode: code ?? -1, ...rest };
}
