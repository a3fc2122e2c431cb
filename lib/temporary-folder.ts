import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of a command's own, which goes with it: also where a signal ends the command. */
export interface TemporaryFolder {
  readonly path: string;
  /** Removes it, with what is in it. */
  readonly remove: () => void;
}

/** Those that are there now. */
const folders = new Set<string>();

export function temporaryFolder(prefix: string, parent = tmpdir()): TemporaryFolder {
  if (folders.size === 0) watch(); // before there is anything to remove
  const path = newFolder(join(parent, prefix));
  folders.add(path);
  const remove = () => {
    rmSync(path, { recursive: true, force: true });
    folders.delete(path);
    if (folders.size === 0) unwatch();
  };
  return { path, remove };
}

function newFolder(prefix: string): string {
  try {
    return mkdtempSync(prefix);
  } catch (error) {
    if (folders.size === 0) unwatch();
    throw error;
  }
}

/** What asks a process to end; node itself would do so at once. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function watch(): void {
  process.on('exit', removeAll);
  for (const signal of signals) process.on(signal, end);
}

function unwatch(): void {
  process.off('exit', removeAll);
  for (const signal of signals) process.off(signal, end);
}

/** Programs that go on writing there find no folder. */
function removeAll(): void {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
  folders.clear();
}

/** Ends the process as the signal would have, unless somebody else wants it. */
function end(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  unwatch();
  process.kill(process.pid, signal);
}
