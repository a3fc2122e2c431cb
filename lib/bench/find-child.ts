import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Found, Way } from './find-walks.ts';

const WALKER = fileURLToPath(new URL('./find-walker.js', import.meta.url));

export interface Walked extends Found {
  readonly ms: number;
}

/** Somebody who walks a tree again and again. */
export interface Walker {
  readonly name: string;
  walk(): Promise<Walked> | Walked;
  close(): void;
}

/** A Node process that walks; `threads` is the size of libuv's pool, 4 if it is not given. */
export function nodeWalker(way: Way, root: string, threads?: number): Walker {
  const env = { ...process.env };
  delete env.UV_THREADPOOL_SIZE;
  if (threads !== undefined) env.UV_THREADPOOL_SIZE = String(threads);
  const child = fork(WALKER, [way, root], { env, execArgv: [] });
  return {
    name: threads === undefined ? way : `${way}, ${threads} threads`,
    walk: () => ask(child),
    close: () => child.disconnect(),
  };
}

function ask(child: ChildProcess): Promise<Walked> {
  return new Promise((resolve, reject) => {
    const ended = (status: number | null) =>
      reject(new Error(`a walking process ended with ${status}, see its output above`));
    child.once('exit', ended);
    child.once('message', (walked) => {
      child.off('exit', ended);
      resolve(walked as Walked);
    });
    child.send('walk', (error) => error && reject(error));
  });
}

/** A C program that prints entries, bytes and nanoseconds. */
export function programWalker(name: string, program: string, root: string): Walker {
  return {
    name,
    walk: () => {
      const text = execFileSync(program, [root], { encoding: 'utf8' });
      const [entries = 0, bytes = 0, ns = 0] = text.trim().split(' ').map(Number);
      return { entries, bytes, ms: ns / 1e6 };
    },
    close: () => {},
  };
}
