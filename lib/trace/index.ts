export {
  type FolderTrace,
  factsOfThread,
  nextTraceFile,
  readTraceFolder,
  TRACE_EVENTS,
  TRACE_FOLDER,
  TRACE_TASKS,
  type TraceFacts,
  type TraceFile,
} from './folder.ts';
export { type EventKind, KINDS, traceBytes } from './layout.ts';
export { TraceMemory } from './memory.ts';
export { checkTraceOptions, type TraceOptions } from './options.ts';
export { type ContextTrace, readTrace, type TaskEvent, type TaskTrace } from './read.ts';
