import { readFileSync } from 'node:fs';

export interface KernelMemory {
  readonly source: string;
  readonly kib: number;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** KiB that the named lines of a table of numbers add up to; undefined if one is missing. */
function sum(text: string | undefined, names: readonly string[], unit: number) {
  if (text === undefined) return undefined;
  const values = names.map((name) => new RegExp(`^${name}:?\\s+(\\d+)`, 'm').exec(text)?.[1]);
  if (values.some((value) => value === undefined)) return undefined;
  return values.reduce((total, value) => total + Number(value), 0) / unit;
}

/** What the kernel uses: of this process's cgroup where it tells, else of the machine. */
export function kernelMemory(): KernelMemory {
  const own = textOf('/proc/thread-self/cgroup')?.match(/^0::(.*)$/m)?.[1] ?? '/';
  const stat = textOf(`/sys/fs/cgroup${own}/memory.stat`) ?? textOf('/sys/fs/cgroup/memory.stat');
  const cgroup = sum(stat, ['kernel'], 1024);
  if (cgroup !== undefined) return { source: 'cgroup memory.stat', kib: cgroup };
  const lines = ['Slab', 'KernelStack', 'PageTables'];
  return { source: 'whole machine, meminfo', kib: sum(textOf('/proc/meminfo'), lines, 1) ?? 0 };
}

/** KiB resident of this process. */
export function residentKib(): number {
  return sum(textOf('/proc/thread-self/status'), ['VmRSS'], 1) ?? process.memoryUsage.rss() / 1024;
}
