import type { Command } from 'commander';
import { NativeUnavailableError, SysletsError } from '../errors.ts';
import { CLOSED_OUTPUT, isClosedOutput } from './closed-output.ts';
import { fewFilesHint, isOutOfFiles } from './few-files.ts';
import { writeError } from './write-out.ts';

/** `| head` closes the output before its end: that is no failure, and what is left is not made. */
export function endWithOutput(error: unknown): void {
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

/** Runs a program with the arguments of this process. */
export async function run(made: () => Command | Promise<Command>): Promise<void> {
  try {
    const command = await made();
    await command.parseAsync();
  } catch (error) {
    if (isClosedOutput(error)) endWithOutput(error);
    const hint = isOutOfFiles(error) ? fewFilesHint() : '';
    if (!isExplained(error) && hint === '') throw error;
    writeError(`syslets: ${(error as Error).message}\n${hint}`);
    process.exitCode = 1;
  }
}
