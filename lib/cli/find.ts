import { constants } from 'node:os';
import { Command, Option } from 'commander';
import { Kernel } from '../kernel/index.ts';
import {
  SysletWalk,
  type Totals,
  WALK_SLOTS,
  type WalkCalls,
  type WalkObserver,
  walkByPromises,
  walkBySync,
} from '../walk/index.ts';
import { CLOSED_OUTPUT, isClosedOutput } from './closed-output.ts';
import { fewFilesHint } from './few-files.ts';
import { failureLine } from './find-failures.ts';
import { PathOutput } from './find-paths.ts';
import { factLines, Progress, printJson } from './output.ts';
import { rawArgument } from './raw-argument.ts';

interface FindOptions {
  readonly print?: boolean;
  readonly null?: boolean;
  readonly mode: Mode;
  readonly json?: boolean;
}

const MODES = ['syslets', 'sync', 'promises'] as const;
type Mode = (typeof MODES)[number];

interface Found {
  readonly totals: Totals;
  /** Only the mode syslets makes calls that can be handed over. */
  readonly calls?: WalkCalls;
}

const { EMFILE } = constants.errno;
const NEWLINE = 0x0a;
const NUL = 0;

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
  return new Command('find')
    .description('walk a directory: count its entries and add up their bytes')
    .argument('<dir>', 'where to begin; a file is an entry too')
    .option('--print', 'print the path of each entry, raw bytes, one a line')
    .option('-0, --null', 'as --print, each path ended by NUL instead of a newline')
    .addOption(
      new Option('--mode <mode>', 'how the calls are made').choices(MODES).default('syslets'),
    )
    .addOption(new Option('--json', 'one JSON object instead of text').conflicts(['print', 'null']))
    .addHelpText('after', HELP)
    .action(find);
}

async function find(directory: string, options: FindOptions): Promise<void> {
  const paths = options.null || options.print ? new PathOutput(options.null ? NUL : NEWLINE) : null;
  const progress = new Progress();
  const start = performance.now();
  let wasOutOfFiles = false;
  try {
    const found = await walk(options.mode, rawArgument(directory), {
      ...(paths && { entry: paths.write }),
      failure: (failure) => {
        progress.clear();
        process.stderr.write(failureLine(failure));
        wasOutOfFiles ||= failure.errno === -EMFILE;
      },
      progress: (entries) => progress.show(() => `${directory}: ${entries} entries`),
    });
    paths?.flush();
    progress.clear();
    report(found, options, Math.round(performance.now() - start));
    if (wasOutOfFiles) process.stderr.write(fewFilesHint());
    if (found.totals.failed > 0) process.exitCode = 1;
  } catch (error) {
    if (!isClosedOutput(error)) throw error;
    process.exitCode = CLOSED_OUTPUT;
  }
}

async function walk(mode: Mode, root: Uint8Array, observer: WalkObserver): Promise<Found> {
  if (mode === 'sync') return { totals: walkBySync(root, observer) };
  if (mode === 'promises') return { totals: await walkByPromises(root, observer) };
  const kernel = Kernel.attach({ slots: WALK_SLOTS });
  try {
    return new SysletWalk(kernel, observer).run(root);
  } finally {
    kernel.detach();
  }
}

function report(
  { totals, calls }: Found,
  { mode, json, print, null: nul }: FindOptions,
  ms: number,
) {
  if (json) return printJson({ mode, ...totals, ...calls, ms });
  const { entries, files, directories, symlinks, others, bytes, failed, vanished } = totals;
  const kinds = `${files} files, ${directories} directories, ${symlinks} symlinks, ${others} others`;
  const text = factLines({
    entries: `${entries}: ${kinds}`,
    bytes,
    ...(failed > 0 && { failed }),
    ...(vanished > 0 && { vanished }),
    mode,
    ...(calls && {
      'ran at once': calls.inline,
      'hand-offs': calls.handOffs,
      dispatches: calls.dispatches,
    }),
    time: `${ms} ms`,
  });
  (print || nul ? process.stderr : process.stdout).write(text);
}
