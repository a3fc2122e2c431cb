import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as os, tmpdir } from 'node:os';
import { Command } from 'commander';
import { temporaryFolder } from '../temporary-folder.ts';
import {
  checkTraceOptions,
  readTraceFolder,
  TRACE_EVENTS,
  TRACE_FOLDER,
  TRACE_TASKS,
} from '../trace/index.ts';
import { writeTraces } from './trace-write.ts';

interface Options {
  readonly output?: string;
  readonly html?: string;
  readonly tasks?: string;
  readonly events?: string;
}

const HELP = `
Runs 'node SCRIPT [args]' with tracing on in all its threads and in the processes that it starts.
What stands after -- is node's, its options too. The exit status is the script's.

Examples:
  syslets trace -- script.mjs
  syslets trace -o out.json --html out.html -- script.mjs argument
  syslets trace --events 65536 --html out.html -- --import ./setup.mjs script.mjs`;

const SHARED_MEMORY = '/dev/shm';

/** `syslets trace`. */
export function traceCommand(): Command {
  return new Command('trace')
    .description("write a timeline of a script's system calls, threads and hand-offs")
    .argument('<script...>', 'script and its arguments, after --')
    .option('-o, --output <file>', 'Chrome JSON for ui.perfetto.dev; default trace.json')
    .option('--html <file>', 'a self-contained page')
    .option('--tasks <number>', 'OS threads of each context that find room')
    .option('--events <number>', 'events kept of each, a power of two')
    .addHelpText('after', HELP)
    .action(traceScript);
}

async function traceScript(script: readonly string[], options: Options): Promise<void> {
  const { output, html } = options;
  const numbers = checkedNumbers(options);
  if (numbers === undefined) return;
  const { path: folder, remove } = temporaryFolder('syslets-trace-', memoryFolder());
  const environment = {
    [TRACE_FOLDER]: folder,
    [TRACE_TASKS]: String(numbers.tasks),
    [TRACE_EVENTS]: String(numbers.events),
  };
  try {
    process.exitCode = await run(script, { ...process.env, ...environment });
    const traces = readTraceFolder(folder);
    if (traces.length === 0) return refuse(nothingTraced(script));
    const json = output ?? (html === undefined ? 'trace.json' : undefined);
    process.stderr.write(writeTraces(traces, { json, html }));
  } finally {
    remove();
  }
}

/** A mistake in the options is told before the script runs. */
function checkedNumbers({ tasks, events }: Options) {
  try {
    return checkTraceOptions({
      ...(tasks !== undefined && { tasks: Number(tasks) }),
      ...(events !== undefined && { events: Number(events) }),
    });
  } catch (error) {
    return refuse((error as Error).message, 2);
  }
}

/** Of the script's own exit status, 0 alone is replaced. */
function refuse(message: string, status = 1): undefined {
  process.stderr.write(`syslets trace: ${message}\n`);
  process.exitCode ||= status;
}

/** Memory, where a machine has it as files: writing an event then never waits for a disk. */
function memoryFolder(): string {
  try {
    accessSync(SHARED_MEMORY, constants.W_OK);
    return SHARED_MEMORY;
  } catch {
    return tmpdir();
  }
}

function nothingTraced(script: readonly string[]): string {
  return (
    `nothing to trace: ${script.join(' ')} attached no thread. Traced are threads that call ` +
    "Kernel.attach() of 'syslets', or use a call that attaches by itself"
  );
}

/** The script's exit status; 128 and the signal's number where one ended it. */
function run(script: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, script, { stdio: 'inherit', env });
  const ignore = (): void => {}; // it goes to the script too, which decides; its trace is wanted
  process.on('SIGINT', ignore);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGINT', ignore);
      resolve(code ?? 128 + os.signals[signal as NodeJS.Signals]);
    });
  });
}
