import { native } from '../native.ts';
import { type OutputOptions, printFacts } from './output.ts';

/** What a first user sees: each step on this machine's own threads, files and memory. */
export function tour(options: OutputOptions): void {
  const { addressOf, gettid } = native();
  const shared = new Uint8Array(new SharedArrayBuffer(64));
  printFacts(
    {
      'process id': process.pid,
      'thread that runs JavaScript': gettid(),
      'address of a SharedArrayBuffer': `0x${addressOf(shared).toString(16)}`,
    },
    options,
  );
}
