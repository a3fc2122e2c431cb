import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This part of the package, which is no user's code. */
const OWN = fileURLToPath(new URL('.', import.meta.url));
const STRESS = fileURLToPath(new URL('../stress', import.meta.url)) + sep;
const ABI = fileURLToPath(new URL('../abi', import.meta.url)) + sep;
const FRAME = /\(?((?:file:\/\/)?\/[^()]*?):(\d+):(\d+)\)?$/;
const FRAMES = 40;

/** The place in the user's code that is running now: the newest frame that is not ours. */
export function callSite(): string {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = before;
  return siteIn(stack);
}

/** Where an error comes from. */
export function siteIn(stack: string): string {
  for (const line of stack.split('\n')) {
    const [, path = '', row, column] = FRAME.exec(line.trim()) ?? [];
    if (path === '') continue;
    const file = path.startsWith('file:') ? fileURLToPath(path) : path;
    if (file.startsWith(OWN) || file.startsWith(STRESS) || file.startsWith(ABI)) continue;
    return `${relative('.', file)}:${row}:${column}`;
  }
  return 'unknown place';
}
