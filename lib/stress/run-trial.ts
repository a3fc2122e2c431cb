import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TrialDetail } from '../report/result.ts';
import type { TrialMessage, TrialOutcome, TrialRequest } from './trial-request.ts';

const MAIN = fileURLToPath(new URL('./trial-main.js', import.meta.url));
/** For start, warm-up and end of the process on a busy machine. */
const GRACE_MS = 20_000;
const STDERR_CHARS = 4000;

const NOTHING: TrialOutcome = { samples: 0, ms: 0, counts: {}, end: 'died', notes: [] };

export interface TrialOptions {
  readonly onProgress?: (outcome: TrialOutcome) => void;
  /** Ends the process; what it had counted is the result. */
  readonly signal?: AbortSignal | undefined;
}

/** A trial in a process of its own. However that ends, this is a result and never throws. */
export async function runTrial(
  request: TrialRequest,
  options: TrialOptions = {},
): Promise<TrialOutcome> {
  const child = fork(MAIN, [JSON.stringify(request)], { silent: true });
  const stop = () => child.kill('SIGKILL');
  options.signal?.addEventListener('abort', stop);
  const stderr = tailOf(child);
  let last = NOTHING;
  let over: TrialOutcome | undefined;
  child.on('message', (message: TrialMessage) => {
    last = message.outcome;
    if (message.kind === 'over') over = message.outcome;
    options.onProgress?.(last);
  });
  const limitMs = request.ms + request.timeoutMs + GRACE_MS;
  const { code, signal, isLate } = await ended(child, limitMs);
  options.signal?.removeEventListener('abort', stop);
  // what was counted until the user stopped the run is right
  if (options.signal?.aborted && !over) return { ...last, end: 'ok' };
  if (over) return withStderr(over, stderr());
  return { ...last, ...deathOf(code, signal, isLate ? limitMs : undefined, stderr()) };
}

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

function withStderr(outcome: TrialOutcome, stderr: string): TrialOutcome {
  if (!outcome.detail || stderr === '') return outcome;
  return { ...outcome, detail: { ...outcome.detail, stderr } };
}

function deathOf(
  code: number | null,
  signal: NodeJS.Signals | null,
  lateMs: number | undefined,
  stderr: string,
): { readonly end: 'hung' | 'died'; readonly detail: TrialDetail } {
  const rest = stderr === '' ? {} : { stderr };
  if (lateMs !== undefined) {
    const message = `the trial's process did not answer within ${lateMs} ms and was killed`;
    return { end: 'hung', detail: { message, ...rest } };
  }
  if (signal !== null) {
    const message = `the trial's process was killed by ${signal}`;
    return { end: 'died', detail: { message, signal, ...rest } };
  }
  const message = `the trial's process ended with exit code ${code}`;
  return { end: 'died', detail: { message, exitCode: code ?? -1, ...rest } };
}
