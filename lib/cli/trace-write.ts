import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { chromeTrace, type TraceData, traceHtml } from '../report/index.ts';
import type { FolderTrace } from '../trace/index.ts';
import { factLines } from './output.ts';
import { traceData } from './trace-data.ts';

export interface TraceFiles {
  /** Chrome JSON. */
  readonly json?: string | undefined;
  readonly html?: string | undefined;
}

const EXTENSION = /(\.[^./]*)?$/;

/**
 * Writes the files that are asked for and says what is in them. A process that the script started
 * has files of its own, with its id in their names.
 */
export function writeTraces(traces: readonly FolderTrace[], files: TraceFiles): string {
  const first = traces.reduce((a, b) => (b.started < a.started ? b : a)).pid;
  const pids = [...new Set([first, ...traces.map(({ pid }) => pid)])];
  return pids
    .map((pid) => {
      const own = traces.filter((trace) => trace.pid === pid);
      return writeProcess(own, pid === first ? files : filesOf(files, pid));
    })
    .join('');
}

function filesOf({ json, html }: TraceFiles, pid: number): TraceFiles {
  const named = (file: string | undefined) => file?.replace(EXTENSION, (end) => `.${pid}${end}`);
  return { json: named(json), html: named(html) };
}

function writeProcess(traces: readonly FolderTrace[], { json, html }: TraceFiles): string {
  const data = traceData(traces);
  if (json !== undefined) writeJson(json, data);
  if (html !== undefined) writeFileSync(html, traceHtml(data));

  return factLines({
    ...counts(traces, data),
    ...(json !== undefined && { 'for ui.perfetto.dev': json }),
    ...(html !== undefined && { 'for a browser': html }),
  });
}

function writeJson(file: string, data: TraceData): void {
  const fd = openSync(file, 'w');
  try {
    for (const piece of chromeTrace(data)) writeSync(fd, piece);
  } finally {
    closeSync(fd);
  }
}

/** Nothing is lost without a number that says so, and what helps. */
function counts(traces: readonly FolderTrace[], { process, tasks, events }: TraceData) {
  const lost = tasks.reduce((sum, task) => sum + (task.lost ?? 0), 0);
  const unrecorded = traces.reduce((sum, trace) => sum + trace.unrecorded, 0);
  const handOffs = events.filter(({ kind }) => kind === 'handOff').length;
  return {
    process: process.pid,
    traced: `${traces.length} contexts, ${tasks.length} tasks, ${events.length} events, ${handOffs} hand-offs`,
    ...(lost > 0 && { lost: `${lost} events were overwritten by newer ones: --events keeps more` }),
    ...(unrecorded > 0 && {
      'without room': `${unrecorded} events of further tasks: --tasks makes room for more`,
    }),
  };
}
