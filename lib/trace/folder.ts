import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expected } from '../check.ts';
import { traceBytes } from './layout.ts';
import { checkTraceOptions, type TraceOptions } from './options.ts';
import { type ContextTrace, readTrace } from './read.ts';

/** A folder: every context attached while it is set writes a trace into it. */
export const TRACE_FOLDER = 'SYSLETS_TRACE';
/** Tasks and events of each of them, if not the default. */
export const TRACE_TASKS = 'SYSLETS_TRACE_TASKS';
export const TRACE_EVENTS = 'SYSLETS_TRACE_EVENTS';

/** What a trace's file does not hold; lies beside it as JSON. */
export interface TraceFacts {
  /** "main", or which worker. */
  readonly name: string;
  readonly command: string;
  readonly node: string;
  /** ISO 8601, of the attach. */
  readonly started: string;
}

export interface FolderTrace extends ContextTrace {
  readonly facts: TraceFacts;
}

/** What attach maps: the trace outlives its context, and the process. */
export interface TraceFile {
  readonly traceFile: string;
  readonly traceBytes: number;
  readonly traceTasks: number;
}

let files = 0;

/** Not imported: few programs ask for a trace, and loading it takes a millisecond. */
const workers = () => process.getBuiltinModule('node:worker_threads');

/** The next context's file; undefined if the environment asks for no traces. */
export function nextTraceFile(environment: NodeJS.ProcessEnv): TraceFile | undefined {
  const folder = environment[TRACE_FOLDER];
  if (folder === undefined || folder === '') return undefined;
  const { tasks, events } = checkTraceOptions(optionsOf(environment));
  const traceFile = join(folder, `${process.pid}-${workers().threadId}-${files++}.trace`);
  writeFileSync(`${traceFile}.json`, JSON.stringify(factsOfThread()));
  return { traceFile, traceBytes: traceBytes(tasks, events), traceTasks: tasks };
}

function optionsOf(environment: NodeJS.ProcessEnv): TraceOptions {
  const tasks = numberOf(environment, TRACE_TASKS);
  const events = numberOf(environment, TRACE_EVENTS);
  return { ...(tasks !== undefined && { tasks }), ...(events !== undefined && { events }) };
}

function numberOf(environment: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = environment[name];
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  if (Number.isInteger(number)) return number;
  throw new RangeError(`the environment's ${expected(name, text, 'an integer')}`);
}

/** Of the calling thread, now. */
export function factsOfThread(): TraceFacts {
  const { isMainThread, threadId } = workers();
  return {
    name: isMainThread ? 'main' : `worker ${threadId}`,
    command: process.argv.slice(1).join(' '),
    node: process.version,
    started: new Date().toISOString(),
  };
}

/** All traces of a folder, in the order of their contexts. */
export function readTraceFolder(folder: string): readonly FolderTrace[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.trace'))
    .map((name) => {
      const path = join(folder, name);
      const facts = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as TraceFacts;
      return { ...readTrace(readFileSync(path)), facts };
    })
    .sort((a, b) => a.pid - b.pid || a.context - b.context);
}
