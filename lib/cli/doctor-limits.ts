import { readFileSync } from 'node:fs';
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
