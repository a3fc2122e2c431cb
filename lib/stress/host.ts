import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TrialDetail } from '../report/result.ts';
import { epochMs } from './epoch.ts';
import type {
  HostReport,
  SessionMessage,
  SessionReport,
  SessionRequest,
} from './session-request.ts';

const MAIN = fileURLToPath(new URL('./host-main.js', import.meta.url));
/** After its time is up a host has so long to say what it has counted; else that is lost. */
const GRACE_MS = 550;
/** One that has counted nothing, and does not hang, is not waited for so long. */
const NOTHING_MS = 350;
const STDERR_CHARS = 4000;
/** What one that died has said comes within that, even where another process holds its pipes open. */
const PIPES_MS = 200;

interface Host {
  readonly child: ChildProcess;
  readonly forkedAt: number;
  /** When it could take its part: it says so itself, as this process may be busy by then. */
  readyAt: number;
}

let spare: Host | undefined;

/** Starts a process before it is known what it will run: that costs nothing but the other processor. */
export function prepareHost(): void {
  if (spare) return;
  const forkedAt = epochMs();
  const child = fork(MAIN, [], { silent: true });
  const host: Host = { child, forkedAt, readyAt: Number.POSITIVE_INFINITY };
  child.on('message', (message: SessionMessage) => {
    if (message.kind === 'ready') host.readyAt = message.at;
  });
  child.once('exit', () => forget(host));
  setRefs(child, 'unref');
  spare = host;
}

function forget(host: Host): void {
  if (spare === host) spare = undefined;
}

function takeHost(): Host {
  prepareHost();
  const host = spare as Host;
  spare = undefined;
  setRefs(host.child, 'ref');
  return host;
}

/** Ends a process that was prepared and is not needed. */
export function dropHost(): void {
  spare?.child.kill('SIGKILL');
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
): Promise<HostReport> {
  const host = takeHost();
  const asked = epochMs();
  const report = await reportOf(host.child, request, options);
  const idleMs = Math.max(0, asked - host.readyAt);
  return { ...report, startMs: (report.begunAt ?? epochMs()) - host.forkedAt - idleMs };
}

async function reportOf(
  child: ChildProcess,
  request: SessionRequest,
  options: HostOptions,
): Promise<SessionReport> {
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
      if (message.kind === 'ready') return;
      last = message.report;
      options.onProgress?.(last);
      if (message.kind === 'progress') return;
      over = message.report;
      // who died has something to say on stderr; else nobody need wait for its end
      if (last.end === 'ok') resolve(undefined);
    });
  });
  child.send(request, () => undefined);
  const hasNews = () => last.end !== 'ok' || last.parts.some(({ samples }) => samples > 0);
  const { latest } = request;
  const end = await ended(child, { isOver, latest, hasNews, signal: options.signal });
  if (over || !end) return withStderr(over ?? last, stderr());
  const { code, signal, isLate } = end;
  // what was counted until the user stopped the run is right
  if (options.signal?.aborted) return { ...last, end: 'ok' };
  if (isLate) return { ...last, notes: [...last.notes, LATE] };
  return { ...last, end: 'died', detail: deathOf(code, signal, stderr()) };
}

const LATE =
  'the machine was too busy: a process did not begin in time, or say what it had counted last, and was ended';

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

interface Limits {
  readonly isOver: Promise<undefined>;
  readonly latest: number;
  readonly hasNews: () => boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * How a process came to its end; undefined once it has said all. One that is late, or is not wanted any more,
 * is killed and not waited for: a busy machine takes its time for that, and a process that the scenario has
 * started may hold its pipes open.
 */
function ended(
  child: ChildProcess,
  { isOver, latest, hasNews, signal }: Limits,
): Promise<End | undefined> {
  return new Promise((resolve) => {
    let isTold = false;
    const done = (end: End | undefined) => {
      isTold = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      setRefs(child, 'unref');
      resolve(end);
    };
    const kill = () => {
      child.kill('SIGKILL');
      done({ code: null, signal: null, isLate: true });
    };
    const after = (ms: number, then: () => void) => setTimeout(then, latest + ms - epochMs());
    let timer = after(NOTHING_MS, () => {
      if (hasNews()) timer = after(GRACE_MS, kill);
      else kill();
    });
    void isOver.then(done);
    signal?.addEventListener('abort', kill);
    child.once('error', () => done({ code: null, signal: null, isLate: false }));
    const died = (code: number | null, by: NodeJS.Signals | null) =>
      done({ code, signal: by, isLate: false });
    child.once('close', died);
    // the pipes are read once more before it
    child.once('exit', (...how) => {
      if (isTold) return;
      clearTimeout(timer); // it has died, and is not late
      timer = setTimeout(() => setImmediate(died, ...how), PIPES_MS);
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
