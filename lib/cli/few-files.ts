import { openFilesLimit } from '../open-files.ts';

/** Enough for Node, for the modules of every command at once, and for a walk. */
const ENOUGH = 256;
/** Out of descriptors, Node's loader also says that a package is not there. */
const NOT_FOUND_BELOW = 64;

/** Read while a descriptor is left. */
const LIMIT = openFilesLimit();

export function mayOpenFewFiles(): boolean {
  return LIMIT < ENOUGH;
}

export function isOutOfFiles(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'EMFILE' || (code === 'ERR_MODULE_NOT_FOUND' && LIMIT < NOT_FOUND_BELOW);
}

/** A line that says what to do, where the limit is low enough to be the reason; else nothing. */
export function fewFilesHint(): string {
  if (!mayOpenFewFiles()) return '';
  return `This process may have ${LIMIT} files open, which is too few. Allow more: ulimit -n ${ENOUGH}\n`;
}
