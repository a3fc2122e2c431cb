import { openFilesLimit } from '../open-files.ts';

/** Enough for Node, for the modules of every command at once, and for a walk. */
const ENOUGH = 256;
/** Out of descriptors, Node's loader also says that a package is not there. */
const OUT_OF_FILES: readonly unknown[] = ['EMFILE', 'ERR_MODULE_NOT_FOUND'];

export function mayOpenFewFiles(): boolean {
  return openFilesLimit() < ENOUGH;
}

export function isOutOfFiles(error: unknown): boolean {
  return OUT_OF_FILES.includes((error as NodeJS.ErrnoException | null)?.code);
}

/** A line that says what to do, where the limit is low enough to be the reason; else nothing. */
export function fewFilesHint(): string {
  if (!mayOpenFewFiles()) return '';
  return `This process may have ${openFilesLimit()} files open, which is too few. Allow more: ulimit -n ${ENOUGH}\n`;
}
