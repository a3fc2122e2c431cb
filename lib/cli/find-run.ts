import { constants } from 'node:os';
import { Loop } from '../loop/index.ts';
import {
  SysletWalk,
  type Totals,
  type WalkCalls,
  type WalkObserver,
  walkByPromises,
  walkBySync,
} from '../walk/index.ts';
import { CLOSED_OUTPUT, isClosedOutput } from './closed-output.ts';
import { fewFilesHint } from './few-files.ts';
import type { FindOptions, Mode } from './find.ts';
import { failureLine } from './find-failures.ts';
import { PathOutput } from './find-paths.ts';
import { factLines, Progress, printJson } from './output.ts';
import { rawArgument } from './raw-argument.ts';
import { writeError, writeOut } from './write-out.ts';

interface Found {
  readonly totals: Totals;
  /** Only the mode syslets makes calls that can be handed over. */
  readonly calls?: WalkCalls;
}

const { EMFILE } = constants.errno;
const NEWLINE = 0x0a;
const NUL = 0;

export async function find(directory: string, options: FindOptions): Promise<void> {
  const paths = options.null || options.print ? new PathOutput(options.null ? NUL : NEWLINE) : null;
  const progress = new Progress();
  const start = process.hrtime.bigint();
  let wasOutOfFiles = false;
  try {
    const found = await walk(options.mode, rawArgument(directory), {
      ...(paths && { entry: paths.write }),
      failure: (failure) => {
        progress.clear();
        writeError(failureLine(failure));
        wasOutOfFiles ||= failure.errno === -EMFILE;
      },
      progress: (entries) => progress.show(() => `${directory}: ${entries} entries`),
    });
    paths?.flush();
    progress.clear();
    report(found, options, Math.round(Number(process.hrtime.bigint() - start) / 1e6));
    if (wasOutOfFiles) writeError(fewFilesHint());
    if (found.totals.failed > 0) process.exitCode = 1;
  } catch (error) {
    if (!isClosedOutput(error)) throw error;
    process.exitCode = CLOSED_OUTPUT;
  }
}

async function walk(mode: Mode, root: Uint8Array, observer: WalkObserver): Promise<Found> {
  if (mode === 'sync') return { totals: walkBySync(root, observer) };
  if (mode === 'promises') return { totals: await walkByPromises(root, observer) };
  const loop = Loop.unpolled();
  try {
    return new SysletWalk(loop, observer).run(root);
  } finally {
    loop.close();
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
  if (print || nul) writeError(text);
  else writeOut(text);
}
