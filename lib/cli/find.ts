import { Command, Option } from 'commander';

export interface FindOptions {
  readonly print?: boolean;
  readonly null?: boolean;
  readonly mode: Mode;
  readonly json?: boolean;
}

const MODES = ['syslets', 'sync', 'promises'] as const;
export type Mode = (typeof MODES)[number];

const HELP = `
Entries and bytes are those of GNU find: as many entries as \`find DIR\` prints lines, and the sum
of their sizes (\`find DIR -printf '%s\\n'\`). Symbolic links are not followed. With --print a
directory comes before what is in it; beyond that, entries come in the order in which their
attributes arrive. The summary then goes to the standard error.

Modes:
  syslets   each call runs at once, and goes on beside the others if it blocks
  sync      readdirSync and lstatSync, one after the other
  promises  fs.promises, all that is known so far at once
  (the last two go by path: what lies deeper than PATH_MAX they report, and leave out)

Exit status: 0; 1 if something could not be looked at or read (reported, the rest is walked);
141 if the output was closed. Entries that vanish meanwhile are counted apart and no failure.

Examples:
  syslets find /usr
  syslets find . --print | head
  syslets find . -0 | xargs -0 ls -ld
  syslets find /mnt/slow --mode promises --json`;

export function findCommand(): Command {
  return (
    new Command('find')
      .description('walk a directory: count its entries and add up their bytes')
      .argument('<dir>', 'where to begin; a file is an entry too')
      .option('--print', 'print the path of each entry, raw bytes, one a line')
      .option('-0, --null', 'as --print, each path ended by NUL instead of a newline')
      .addOption(
        new Option('--mode <mode>', 'how the calls are made').choices(MODES).default('syslets'),
      )
      .addOption(
        new Option('--json', 'one JSON object instead of text').conflicts(['print', 'null']),
      )
      .addHelpText('after', HELP)
      // not loaded for its help
      .action(async (directory, options) =>
        (await import('./find-run.ts')).find(directory, options),
      )
  );
}
