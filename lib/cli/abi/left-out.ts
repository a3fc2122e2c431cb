/** Lines on stderr of what a file has and could not be read. */
const MOST_TOLD = 12;

/** `verb` says what is not done with them: `not compared`. */
export function tellLeftOut(verb: string, lines: readonly string[]): void {
  const more = lines.length - MOST_TOLD;
  for (const line of lines.slice(0, MOST_TOLD)) process.stderr.write(`${verb}: ${line}\n`);
  if (more > 0) process.stderr.write(`${verb}: … and ${more} more\n`);
}
