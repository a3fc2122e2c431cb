import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** More threads than that serve no disk and no network here, whatever the machine would give. */
const MOST_TASKS = 1024;
/** An attached thread and a waiting child: with less nothing can be handed over. */
export const LEAST_TASKS = 2;
/** The rest is for others: other contexts, the runtime's threads, other programs of the user. */
const SHARE = 0.5;

/** What limits the number of this process's threads; Infinity where nothing does. */
export interface TaskLimits {
  /** RLIMIT_NPROC, of all threads of the user. */
  readonly processes: number;
  /** pids.max less pids.current, the least of this process's control groups. */
  readonly groupRoom: number;
}

/** Where the facts are read; another one in tests. */
export type ReadText = (path: string) => string | undefined;

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Of a number or a word for "no limit". */
function limitOf(text: string | undefined): number {
  const value = Number.parseInt(text ?? '', 10);
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}

function groupFolders(read: ReadText): string[] {
  const lines = (read('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  const folders: string[] = [];
  for (const [, controllers, ...rest] of lines) {
    const root = controllers === '' ? '/sys/fs/cgroup' : '/sys/fs/cgroup/pids';
    if (controllers !== '' && controllers !== 'pids') continue;
    for (let path = rest.join(':'); ; path = dirname(path)) {
      folders.push(join(root, path));
      if (path === '/' || path === '.') break;
    }
  }
  return folders;
}

/** The limits of this process now. */
export function taskLimits(read: ReadText = readText): TaskLimits {
  const [, processes] = /^Max processes\s+(\S+)/m.exec(read('/proc/self/limits') ?? '') ?? [];
  const rooms = groupFolders(read).map((folder) => {
    const most = limitOf(read(join(folder, 'pids.max')));
    return Number.isFinite(most) ? most - limitOf(read(join(folder, 'pids.current'))) : most;
  });
  return {
    processes: limitOf(processes),
    groupRoom: Math.min(Number.POSITIVE_INFINITY, ...rooms),
  };
}

/** The cap of tasks of a context that names none. */
export function defaultMaxTasks({ processes, groupRoom }: TaskLimits = taskLimits()): number {
  const share = Math.floor(Math.min(processes, groupRoom) * SHARE);
  return Math.max(LEAST_TASKS, Math.min(MOST_TASKS, share));
}
