import { NativeUnavailableError, SysletsError } from '../errors.ts';
import { CLOSED_OUTPUT, isClosedOutput } from './closed-output.ts';
import { programFor } from './commands.ts';
import { fewFilesHint, isOutOfFiles } from './few-files.ts';

/** `| head` closes the output before its end: that is no failure, and what is left is not made. */
function endWithOutput(error: NodeJS.ErrnoException): void {
  if (!isClosedOutput(error)) throw error;
  process.exit(CLOSED_OUTPUT);
}

/** An error that its message explains: no stack trace. */
function isExplained(error: unknown): error is Error {
  return (
    error instanceof NativeUnavailableError ||
    error instanceof SysletsError ||
    (error instanceof Error && 'syscall' in error)
  );
}

/** Runs the command that the arguments of this process name. */
export async function main(): Promise<void> {
  process.stdout.on('error', endWithOutput);
  try {
    const command = await programFor(process.argv[2] ?? '');
    await command.parseAsync();
  } catch (error) {
    const hint = isOutOfFiles(error) ? fewFilesHint() : '';
    if (!isExplained(error) && hint === '') throw error;
    process.stderr.write(`syslets: ${(error as Error).message}\n${hint}`);
    process.exitCode = 1;
  }
}
