import { readdirSync, readFileSync } from 'node:fs';
import { defaultMaxTasks } from '../kernel/index.ts';
import type { Fact, Facts } from './output.ts';

/** Text of a file, or undefined: /proc may not be mounted, a cgroup may be another version. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** What bounds the number of threads and of perf events here. */
export function limits(): Facts {
  const [pids, pidsMax] = pidsCgroup();
  return {
    'threads of this user (soft limit)': processLimit('Max processes'),
    'threads of the machine': textOf('/proc/sys/kernel/threads-max') ?? null,
    'pids cgroup': pidsMax === null ? null : `${pids} of ${pidsMax}`,
    'locked memory (perf rings)': processLimit('Max locked memory'),
    'open files (soft limit)': processLimit('Max open files'),
    perf_event_paranoid: textOf('/proc/sys/kernel/perf_event_paranoid') ?? null,
    perf_event_mlock_kb: textOf('/proc/sys/kernel/perf_event_mlock_kb') ?? null,
  };
}

function processLimit(name: string): Fact {
  const line = textOf('/proc/thread-self/limits')
    ?.split('\n')
    .find((one) => one.startsWith(name));
  return line?.slice(name.length).trim().split(/\s+/)[0] ?? null;
}

function pidsCgroup(): [Fact, Fact] {
  const own = textOf('/proc/thread-self/cgroup')?.split('\n') ?? [];
  const unified = own.find((line) => line.startsWith('0::'))?.slice('0::'.length) ?? '/';
  const folders = [`/sys/fs/cgroup${unified}`, '/sys/fs/cgroup', '/sys/fs/cgroup/pids'];
  for (const folder of folders) {
    const most = textOf(`${folder}/pids.max`);
    if (most !== undefined) return [textOf(`${folder}/pids.current`) ?? null, most];
  }
  return [null, null];
}

/** What the user of this process may have, and has now; null where it does not show. */
export interface UserLimits {
  readonly threads: number | null;
  /** null: no limit. */
  readonly mostThreads: number | null;
  /** false: this process may go beyond (root, CAP_SYS_RESOURCE). */
  readonly isBound: boolean;
  readonly queued: number | null;
  readonly mostQueued: number | null;
  /** The default of the option. */
  readonly maxTasks: number;
}

const CAP_SYS_ADMIN = 21n;
const CAP_SYS_RESOURCE = 24n;

function statusLine(status: string | undefined, name: string): string | undefined {
  return status
    ?.split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim();
}

/** Threads of all processes with this real user id, which RLIMIT_NPROC counts. */
function threadsOf(uid: number): number | null {
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const statuses = pids.map((pid) => textOf(`/proc/${pid}/status`));
    const own = statuses.filter((text) => statusLine(text, 'Uid')?.split('\t')[0] === `${uid}`);
    return own.reduce((sum, text) => sum + Number(statusLine(text, 'Threads')), 0);
  } catch {
    return null;
  }
}

function mayGoBeyond(status: string | undefined): boolean {
  const effective = BigInt(`0x${statusLine(status, 'CapEff') ?? '0'}`);
  const both = (1n << CAP_SYS_ADMIN) | (1n << CAP_SYS_RESOURCE);
  return process.getuid?.() === 0 || (effective & both) !== 0n;
}

export function userLimits(): UserLimits {
  const status = textOf('/proc/self/status');
  const [queued, mostQueued] = statusLine(status, 'SigQ')?.split('/').map(Number) ?? [];
  const most = Number(processLimit('Max processes') ?? Number.NaN);
  return {
    threads: threadsOf(process.getuid?.() ?? 0),
    mostThreads: Number.isNaN(most) ? null : most,
    isBound: !mayGoBeyond(status),
    queued: queued ?? null,
    mostQueued: mostQueued ?? null,
    maxTasks: defaultMaxTasks(),
  };
}
