import { programFor } from './commands.ts';
import { endWithOutput, run } from './run.ts';

/** Runs the command that the arguments of this process name. */
export function main(): Promise<void> {
  process.stdout.on('error', endWithOutput);
  return run(() => programFor(process.argv[2] ?? ''));
}
