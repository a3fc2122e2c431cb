import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('run.mjs', import.meta.url));

export interface TrialOptions {
  /** Real Node, or JavaScript that another OS thread carries (default). */
  readonly mode?: 'plain' | 'carried';
  readonly watcher?: 'auto' | 'perf' | 'sampler' | 'spin';
  /** Another Node than the one that runs the tests. */
  readonly node?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly cwd?: string;
  /** Called with the child's pid and each line that it prints. */
  readonly onLine?: (line: string, pid: number) => void;
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly ms: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Where each thread of the child stood when its time was up. */
  readonly hung: string | undefined;
}

/** The threads of a process that hangs: name, state, system call. */
function threadsOf(pid: number): string {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      return '?';
    }
  };
  const dir = `/proc/${pid}/task`;
  const line = (tid: string) => {
    const status = read(`${dir}/${tid}/status`);
    const [state, blocked] = [/^State:\s+(.*)$/m, /^SigBlk:\s+(.*)$/m].map(
      (x) => x.exec(status)?.[1],
    );
    return [tid, read(`${dir}/${tid}/comm`), state, blocked, read(`${dir}/${tid}/syscall`)].join(
      ' ',
    );
  };
  try {
    return readdirSync(dir).map(line).join('\n');
  } catch {
    return 'it had gone';
  }
}

function lines(onLine: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    parts.forEach(onLine);
  };
}

/** Runs one trial in a process of its own, within its time. */
export function run(file: string, name: string, options: TrialOptions = {}): Promise<Outcome> {
  const { mode = 'carried', watcher = 'auto', node = process.execPath, flags = [] } = options;
  const { timeoutMs = 60_000, onLine, cwd, env = {} } = options;
  const start = performance.now();
  const child = spawn(node, [...flags, RUN, file, name, mode, watcher], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let [stdout, stderr] = ['', ''];
  let hung: string | undefined;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  if (onLine)
    child.stdout.on(
      'data',
      lines((line) => onLine(line, child.pid ?? 0)),
    );
  const timer = setTimeout(() => {
    hung = threadsOf(child.pid ?? 0);
    child.kill('SIGKILL');
  }, timeoutMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ms: performance.now() - start, stdout, stderr, hung });
    });
  });
}

function describe({ code, signal, ms, stdout, stderr, hung }: Outcome): string {
  const how = hung === undefined ? `ended with ${signal ?? code}` : `hung:\n${hung}\n`;
  return `${how} after ${Math.round(ms)} ms\n${stdout.slice(-2000)}\n${stderr.slice(-4000)}`;
}

/** What the trial returned. Throws, with all that the child said, unless it ended well. */
export async function trial<T>(file: string, name: string, options?: TrialOptions): Promise<T> {
  const outcome = await run(file, name, options);
  const last = /^\{"result":.*\}$/m.exec(outcome.stdout.split('\n').filter(Boolean).at(-1) ?? '');
  if (outcome.code !== 0 || last === null) throw new Error(`${name} ${describe(outcome)}`);
  return (JSON.parse(last[0]) as { result: T }).result;
}

/** Real Node first, then carried by another OS thread: both must say the same. */
export async function bothWays<T>(
  file: string,
  name: string,
  options: TrialOptions = {},
): Promise<readonly [plain: T, carried: T]> {
  const plain = await trial<T>(file, name, { ...options, mode: 'plain' });
  return [plain, await trial<T>(file, name, options)];
}
