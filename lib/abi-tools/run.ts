import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { UserError } from '../user-error.ts';

export interface Outcome {
  /** undefined: the program could not be started at all. */
  readonly status: number | null | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What a compiler may print before we stop it: a header of 100,000 types stays well below. */
const maxOutputBytes = 4 * 2 ** 30;
/** What it may say of a source: all of it is one string. */
const maxMessageBytes = 2 ** 28;

/**
 * How long a program may print nothing, unless SYSLETS_COMPILER_TIMEOUT says otherwise. The largest
 * header known takes clang half a minute; on a machine with twenty other jobs that is ten.
 */
const usualSilenceSeconds = 600;

/** A compiler hangs. Where others are asked, too, that is no word about them. */
export class CompilerTimeoutError extends UserError {}

export interface RunOptions {
  readonly input?: string;
  /** Called with each piece of stdout in place of keeping it. */
  readonly onOutput?: (piece: Buffer) => void;
}

let free = availableParallelism();
const queue: (() => void)[] = [];

/** As many at a time as there are processors; the others wait. */
export async function inSlot<T>(work: () => Promise<T>): Promise<T> {
  if (free > 0) free -= 1;
  else await new Promise<void>((resolve) => queue.push(resolve));
  try {
    return await work();
  } finally {
    const next = queue.shift();
    if (next) next();
    else free += 1;
  }
}

/** Runs a program when a processor is there for it. */
export function run(file: string, args: readonly string[], options?: RunOptions): Promise<Outcome> {
  return inSlot(() => start(file, args, options));
}

/** Programs that hung: with what else is asked of them each would take its whole time again. */
const hung = new Map<string, CompilerTimeoutError>();

/** Starts a program without any shell: arguments reach it as they are. Throws where it hangs. */
export async function start(file: string, args: readonly string[], options: RunOptions = {}) {
  const known = hung.get(file);
  if (known) throw new CompilerTimeoutError(`not asked again: ${known.message}`);
  const seconds = silenceSeconds();
  return new Promise<Outcome>((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let total = 0;
    let said = 0;
    const silence = watchSilence(seconds, () => {
      const error = new CompilerTimeoutError(hangText(file, args, seconds));
      hung.set(file, error);
      for (const pid of withChildren(child.pid)) end(pid);
      // A program that it started, and that goes on, may hold the other ends.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      reject(error);
    });
    child.stdout.on('data', (piece: Buffer) => {
      silence.heard();
      total += piece.length;
      if (total > maxOutputBytes) child.kill();
      else if (options.onOutput) options.onOutput(piece);
      else out.push(piece);
    });
    child.stderr.on('data', (piece: Buffer) => {
      silence.heard();
      said += piece.length;
      if (said > maxMessageBytes) child.kill();
      else err.push(piece);
    });
    const done = (status: number | null | undefined) => {
      silence.end();
      resolve({ status, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() });
    };
    child.on('error', (error) => {
      err.push(Buffer.from(error.message));
      done(undefined);
    });
    child.on('close', (status, signal) => {
      if (signal) err.push(Buffer.from(`\n${file} was ended by ${signal}\n`));
      done(status);
    });
    // A compiler that does not start closes its input at once; the exit status says so.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

function silenceSeconds(): number {
  const text = process.env.SYSLETS_COMPILER_TIMEOUT;
  if (text === undefined || text === '') return usualSilenceSeconds;
  const seconds = Number(text);
  if (Number.isSafeInteger(seconds) && seconds > 0) return seconds;
  throw new UserError(
    `SYSLETS_COMPILER_TIMEOUT is '${text}', expected a number of seconds from 1 up`,
  );
}

/** Counts seconds one by one: a time in which this process is stopped counts as one second. */
function watchSilence(seconds: number, onSilence: () => void) {
  let silent = 0;
  const timer = setInterval(() => {
    silent += 1;
    if (silent < seconds) return;
    clearInterval(timer);
    onSilence();
  }, 1000);
  const heard = () => {
    silent = 0;
  };
  return { heard, end: () => clearInterval(timer) };
}

function hangText(file: string, args: readonly string[], seconds: number): string {
  const target = args.filter((arg) => /^(?:--target=|-m)/.test(arg));
  const name = [file, ...target].join(' ');
  return `${name} has printed nothing for ${seconds} s, and was ended (SYSLETS_COMPILER_TIMEOUT: the seconds that a program may take)`;
}

/** A process with those that it started, as far as the system tells: a driver has its compiler do the work. */
function withChildren(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  return [pid, ...childrenOf(pid).flatMap(withChildren)];
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it is over
  }
}
