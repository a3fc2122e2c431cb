import { readFileSync } from 'node:fs';

const REPLACED = '\ufffd';
const NUL = 0;

/**
 * The bytes of a command-line argument. Node decodes arguments as UTF-8, which loses those of a
 * path that is none.
 */
export function rawArgument(text: string): Uint8Array {
  if (!text.includes(REPLACED)) return Buffer.from(text);
  return argumentsOf(readFileSync('/proc/self/cmdline')).find(is(text)) ?? Buffer.from(text);
}

const is = (text: string) => (bytes: Buffer) => bytes.toString() === text;

function argumentsOf(commandLine: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < commandLine.length; ) {
    const end = commandLine.indexOf(NUL, at);
    found.push(commandLine.subarray(at, end));
    at = end + 1;
  }
  return found;
}
