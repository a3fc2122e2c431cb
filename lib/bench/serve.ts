import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Bench, type Cases, notMeasured } from './bench.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';
import { median, rounded } from './stats.ts';
import { cpuNsOf, threadIds } from './threads-cpu.ts';

const CHILD = fileURLToPath(new URL('serve-child.js', import.meta.url));
/** lib/ and dist/ lie beside each other: one path from both. */
const SOURCE = fileURLToPath(new URL('../../lib/bench/serve.c', import.meta.url));
const IDLE = amount(5000, 50);
const MS = amount(1000, 50);
const ROUNDS = amount(5, 1);

type Kind = 'sys' | 'net' | 'c';

interface Run {
  readonly requestsPerSecond: number;
  /** Processor time of the server for a request. */
  readonly cpuNs: number;
  readonly worstNs: number;
}

function start(kind: Kind, program: string): ChildProcess {
  return kind === 'c' ? spawn(program, ['server']) : spawn(process.execPath, [CHILD, kind]);
}

/** Gives the next line that a program prints. */
function linesOf(name: string, { stdout, stderr }: ChildProcess): () => Promise<string> {
  const lines = createInterface({ input: stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  let said = '';
  stderr?.on('data', (text) => {
    said += text;
  });
  return async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended before it was done: ${said}`);
    return value;
  };
}

const cpuOf = (pid: number): number => cpuNsOf(threadIds(pid), pid);

/** The client says when all connections are there; then it sends, and says what came of it. */
async function run(kind: Kind, program: string, idle: number, busy: number): Promise<Run> {
  const server = start(kind, program);
  try {
    const port = /:(\d+)/.exec(await linesOf(`the server of ${kind}`, server)())?.[1] as string;
    const client = spawn(program, ['client', port, String(idle), String(busy), String(MS)]);
    const next = linesOf(`the client of ${kind}`, client);
    await next();
    const before = cpuOf(server.pid as number);
    const [requests = 0, ns = 1, worstNs = 0] = (await next()).split(' ').map(Number);
    const cpuNs = (cpuOf(server.pid as number) - before) / requests;
    return { requestsPerSecond: (requests * 1e9) / ns, cpuNs, worstNs };
  } finally {
    server.kill('SIGKILL');
  }
}

async function serveCase(program: string, idle: number, busy: number) {
  const all: Record<Kind, Run[]> = { sys: [], net: [], c: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of ['sys', 'net', 'c'] as const) {
      all[kind].push(await run(kind, program, idle, busy));
    }
  }
  const rates = (kind: Kind) => all[kind].map((one) => one.requestsPerSecond);
  const middle = (kind: Kind, of: keyof Run) => median(all[kind].map((one) => one[of]));
  const naming = { case: `${busy} busy, ${idle} idle`, unit: 'requests/s', baseline: 'node:net' };
  return compared(
    naming,
    { measured: rates('sys'), baseline: rates('net') },
    {
      inC: rounded(median(rates('c'))),
      cpuNs: rounded(middle('sys', 'cpuNs')),
      cpuRatio: rounded(middle('sys', 'cpuNs') / middle('net', 'cpuNs')),
      worstMs: rounded(middle('sys', 'worstNs') / 1e6),
      worstRatio: rounded(middle('sys', 'worstNs') / middle('net', 'worstNs')),
    },
  );
}

async function serveCases(): Promise<Cases> {
  if (spawnSync('cc', ['--version']).status !== 0) {
    return notMeasured('serve', 'cc is not installed, which compiles the client');
  }
  const folder = mkdtempSync(join(tmpdir(), 'syslets-bench-'));
  const program = join(folder, 'serve');
  try {
    execFileSync('cc', ['-std=c11', '-O2', '-o', program, SOURCE]);
    const results = [];
    for (const busy of [1, 64]) {
      for (const idle of [0, IDLE]) results.push(await serveCase(program, idle, busy));
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const serve: Bench = {
  name: 'serve',
  description: "an echo server's requests a second, against node:net and a C server on epoll",
  cases: [serveCases],
};
