import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kernel, NR } from '../kernel/index.ts';
import { native } from '../native.ts';
import { amount } from './short.ts';
import type { SilentReads } from './silent-reads.ts';

/** What is taken away from a process whose calls block. */
export interface LiveCase {
  /** The command that starts it; default: Node alone. */
  readonly prefix?: readonly string[];
  readonly needsRoot?: boolean;
  /** In the process, before anything is measured. */
  readonly prepare?: () => void;
  /** In the process, while it goes on reading; the end of it undoes what it can. */
  readonly harm?: (kernel: Kernel, silent: SilentReads) => Promise<void>;
  /** Counters that have grown if the case has met what its name says. */
  readonly proof?: readonly string[];
  /** Outside, by root, when the process says that it goes on. */
  readonly harmFromOutside?: (pid: number) => void;
}

const NOBODY = 65_534;
const HARM_MS = amount(1000, 150);

function becomeNobody(): void {
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

function allDescriptors(): number[] {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    return taken;
  }
}

async function withoutDescriptors(ms: number): Promise<void> {
  const taken = allDescriptors();
  await sleep(ms);
  for (const fd of taken) closeSync(fd);
}

async function chrootAndSetuid(kernel: Kernel): Promise<void> {
  const root = new TextEncoder().encode(`${mkdtempSync(join(tmpdir(), 'syslets-live-'))}\0`);
  kernel.complete(NR.chroot, root);
  becomeNobody();
  await sleep(HARM_MS);
}

/** As nobody, who has no other processes; by a process of nobody's, which may. */
function allowNoMore(limit: string): void {
  becomeNobody();
  run('prlimit', ['--pid', String(process.pid), `--${limit}`]);
}

const sparesUsed = () => native().counters().sparesUsed ?? 0n;

/** Blocks calls until the last task that is left watches; then one of them comes back. */
async function withoutThreads(_: Kernel, silent: SilentReads): Promise<void> {
  for (const before = sparesUsed(); sparesUsed() === before; ) silent.block();
  silent.letGo(1);
  await sleep(HARM_MS);
}

/** Calls are interrupted, while no signal has room in a queue. */
async function withoutSignalQueue(_: Kernel, silent: SilentReads): Promise<void> {
  for (const end = performance.now() + HARM_MS; performance.now() < end; ) {
    const ended = await silent.interrupt(silent.block(), HARM_MS);
    if (!ended) throw new Error(`a call that was interrupted goes on after ${HARM_MS} ms`);
  }
}

async function idsToAndFro(): Promise<void> {
  const end = performance.now() + HARM_MS;
  while (performance.now() < end) {
    for (let i = 0; i < 20; i++) {
      process.seteuid?.(NOBODY);
      process.seteuid?.(0);
    }
    await sleep(0);
  }
}

/** Root does something to a process of nobody's. */
const outside = (harmFromOutside: (pid: number) => void): LiveCase => ({
  needsRoot: true,
  harm: () => sleep(HARM_MS),
  harmFromOutside,
});

const few = ['sh', '-c', 'ulimit -n 100; exec "$@"', 'sh'];

export const LIVE_CASES: Readonly<Record<string, LiveCase>> = {
  nothing: { harm: () => sleep(HARM_MS) },
  descriptors: { prefix: few, harm: () => withoutDescriptors(HARM_MS) },
  'descriptors for a moment': { prefix: few, harm: () => withoutDescriptors(1) },
  'chroot, setuid': { needsRoot: true, harm: chrootAndSetuid },
  'no /proc, setuid': {
    prefix: ['unshare', '-m', 'sh', '-c', 'umount -l /proc; exec "$@"', 'sh'],
    needsRoot: true,
    harm: async () => {
      becomeNobody();
      await sleep(HARM_MS);
    },
  },
  renice: outside((pid) => run('renice', ['-n', '-5', '-p', String(pid)])),
  'real time': outside((pid) => run('chrt', ['-f', '-p', '1', String(pid)])),
  threads: {
    needsRoot: true,
    prepare: () => allowNoMore('nproc=1:1'),
    harm: withoutThreads,
    proof: ['sparesUsed'],
  },
  'signal queue': {
    needsRoot: true,
    prepare: () => allowNoMore('sigpending=0:0'),
    harm: withoutSignalQueue,
    proof: ['interrupted'],
  },
  'ids to and fro': { needsRoot: true, harm: idsToAndFro },
};

/** Cases whose process is nobody's from the beginning. */
export function isOutside(name: string): boolean {
  return LIVE_CASES[name]?.harmFromOutside !== undefined;
}

export { becomeNobody };
