import { readdirSync, readlinkSync } from 'node:fs';

/** What lies below a directory and is open in this process. */
export function openBelow(root: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(root) ? [path] : [];
    } catch {
      return []; // the descriptor that read /proc/self/fd
    }
  });
}
