import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PACKAGE = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
/** A process that hangs is killed then. */
const LIMIT_MS = 60_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const HEAD = `
  import { once } from 'node:events';
  import { writeSync } from 'node:fs';
  import { inspect } from 'node:util';
  import { Worker } from 'node:worker_threads';
  import { sys } from '${PACKAGE}';
  const print = (text) => writeSync(1, text + '\\n');
  const fds = new Int32Array(2);
  const pipe = () => (sys.call.sync('pipe2', fds, 0), [...fds]);
`;

/** Runs a module that has sys, print, pipe, inspect, Worker, once and writeSync. */
export function script(source: string): Promise<Ended> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', HEAD + source], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', SYSLETS_INDEX: PACKAGE },
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}
