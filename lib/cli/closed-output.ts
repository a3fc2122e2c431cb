/** As a shell shows a program that SIGPIPE ended. */
export const CLOSED_OUTPUT = 141;

/** Nobody reads the output any more. */
export function isClosedOutput(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'EPIPE';
}
