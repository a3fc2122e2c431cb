import { realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';

/**
 * Writes a whole file or none: a reader never sees half of it. A device or a pipe is written to: in
 * its place a file would be in everybody's way.
 */
export function writeWhole(file: string, text: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) writeFileSync(file, text);
  else replace(stats ? realpathSync(file) : file, text);
}

function replace(file: string, text: string): void {
  const partial = `${file}.${process.pid}.tmp`;
  writeFileSync(partial, text);
  renameSync(partial, file);
}
