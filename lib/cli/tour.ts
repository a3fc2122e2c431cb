import { lstatSync } from 'node:fs';
import { Command } from 'commander';
import { Kernel } from '../kernel/index.ts';
import { factLines, heading, type OutputOptions, printJson } from './output.ts';
import { type CheckFacts, checkLayouts, checkLines } from './tour-check.ts';
import { type HandOffFacts, handOff } from './tour-hand-off.ts';
import { compareLayouts, type LayoutRow, layoutLines } from './tour-layouts.ts';
import { type SyncFacts, syncCall } from './tour-sync.ts';
import { TourTrace } from './tour-trace.ts';
import { type WalkFacts, walkTwice } from './tour-walk.ts';

interface TourOptions extends OutputOptions {
  /** Where a timeline goes. */
  readonly trace?: string;
}

interface TourFacts {
  readonly watcher: string;
  readonly watcherReason: string;
  readonly layouts: readonly LayoutRow[];
  readonly checks: readonly CheckFacts[];
  readonly sync: SyncFacts;
  readonly handOff: HandOffFacts;
  readonly walk: WalkFacts;
}

const EXAMPLES = `
Examples:
  syslets tour
  syslets tour /etc --json
  syslets tour --trace tour.html`;

/** `syslets tour`. */
export function tourCommand(): Command {
  return new Command('tour')
    .description('show, on this machine, what syslets do')
    .argument('[dir]', 'directory to walk', '/usr')
    .option('--json', 'one JSON object instead of text')
    .option(
      '--trace <file>',
      'write a timeline of the hand-offs: a page if FILE is .html, else JSON',
    )
    .addHelpText('after', EXAMPLES)
    .action(tour);
}

/** What a first user sees: each step on this machine's own threads, files and memory. */
async function tour(directory: string, { json = false, trace: file }: TourOptions): Promise<void> {
  lstatSync(directory);
  // Before the thread is attached: compilers are child processes.
  const checks = await checkLayouts();
  const trace = file === undefined ? undefined : new TourTrace(file);
  const kernel = Kernel.attach(trace && { trace: trace.memory });
  const say = (text: () => string) => void (json || process.stdout.write(text()));
  try {
    const facts = walkThrough(kernel, directory, checks, say, trace);
    if (trace) {
      const written = trace.write();
      say(() => `\n${heading('A timeline of the hand-offs')}${written}`);
    }
    if (json) printJson(facts);
    if (!facts.walk.equal || facts.layouts.some(({ equal }) => !equal) || isWrong(checks))
      process.exitCode = 1;
  } finally {
    kernel[Symbol.dispose]();
  }
}

function isWrong(checks: readonly CheckFacts[]): boolean {
  return checks.some(({ status }) => status === 'different' || status === 'refused');
}

/** Each part is printed as soon as it is known. */
function walkThrough(
  kernel: Kernel,
  directory: string,
  checks: readonly CheckFacts[],
  say: (text: () => string) => void,
  trace: TourTrace | undefined,
): TourFacts {
  const { watcher, watcherReason } = kernel.watcher();
  const layouts = compareLayouts();
  say(() => `${heading('The layouts of syslets v7')}${layoutLines(layouts)}`);
  say(
    () => `\n${heading('The same for other ABIs, asked of their compilers')}${checkLines(checks)}`,
  );
  const sync = syncCall(kernel);
  say(() => `\n${heading('A call that does not block')}${syncLines(sync)}`);
  const handedOver = handOff(kernel);
  say(() => `\n${heading('A call that blocks')}${handOffLines(handedOver, watcher)}`);
  trace?.take();
  kernel.detach(); // the walk attaches its thread by itself
  const walk = walkTwice(directory);
  say(() => `\n${heading('A walk, every lstat through sys_indirect')}${walkLines(walk)}`);
  return { watcher, watcherReason, layouts, checks, sync, handOff: handedOver, walk };
}

function syncLines({ call, result, expected, nsEach, bareNsEach }: SyncFacts): string {
  return factLines({
    [call]: `${result}, at once (process.pid is ${expected})`,
    'through sys_indirect': `${nsEach} ns`,
    'bare, from C': `${bareNsEach} ns`,
  });
}

function handOffLines(facts: HandOffFacts, watcher: string): string {
  const { threadBefore, threadAfter, frameThread, status, text } = facts;
  return factLines({
    'read of an empty pipe': facts.pending ? 'ESYSLETPENDING' : 'NOT handed over',
    'JavaScript ran on thread': threadBefore,
    'and goes on on thread': `${threadAfter}, after ${facts.blockToGoingOnUs} µs (watcher ${watcher}); it was made for that`,
    'again, on recycled threads': `after ${facts.recycledUs} µs (median of several)`,
    'then it writes': `the completion is in the ring ${facts.writeToCompletionUs} µs later`,
    completion: `status ${status}, buffer '${text}'`,
    "the frame's function ran on": `thread ${frameThread}`,
  });
}

function walkLines({ totals, totalsByLstatSync, equal, ...walk }: WalkFacts): string {
  const { entries, files, directories, symlinks, others, bytes, failed } = totals;
  return factLines({
    directory: walk.directory,
    entries: `${entries}: ${files} files, ${directories} directories, ${symlinks} symlinks, ${others} others, ${failed} failed`,
    bytes,
    blocked: `${walk.handOffs} calls were handed over, ${walk.dispatches} dispatched after them`,
    time: `${walk.ms} ms (fs.lstatSync afterwards, when all is cached: ${walk.msByLstatSync} ms)`,
    'by fs.lstatSync': equal
      ? 'the same totals'
      : `DIFFERENT totals: ${JSON.stringify(totalsByLstatSync)}; did the tree change meanwhile?`,
  });
}
