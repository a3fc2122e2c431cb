import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

export interface Outcome {
  /** undefined: the program could not be started at all. */
  readonly status: number | null | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What a compiler may print before we stop it: a header of 100,000 types stays well below. */
const maxOutputBytes = 4 * 2 ** 30;

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

/** Starts a program without any shell: arguments reach it as they are. */
export function start(file: string, args: readonly string[], options: RunOptions = {}) {
  return new Promise<Outcome>((resolve) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let total = 0;
    child.stdout.on('data', (piece: Buffer) => {
      total += piece.length;
      if (total > maxOutputBytes) child.kill();
      else if (options.onOutput) options.onOutput(piece);
      else out.push(piece);
    });
    child.stderr.on('data', (piece: Buffer) => err.push(piece));
    const done = (status: number | null | undefined) =>
      resolve({ status, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() });
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
