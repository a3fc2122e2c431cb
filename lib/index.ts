export {
  CallError,
  DetachedError,
  errorName,
  NativeUnavailableError,
  SysletsError,
} from './errors.ts';
export {
  type Argument,
  type CallOptions,
  type Constants,
  constants,
  ESYSLETPENDING,
  type Frame,
  Kernel,
  type KernelOptions,
  NR,
  newFrameStack,
  type Overflow,
  ResultPlace,
  type ResultPlaceOptions,
  type SysletCall,
  type Watcher,
} from './kernel/index.ts';
export { type LoopCounters, type LoopOptions, Site } from './loop/index.ts';
export * from './posix/index.ts';
export {
  CompletionBatch,
  CompletionRing,
  type OnBigCompletion,
  type OnCompletion,
  type RingOptions,
  type WaitOptions,
} from './ring/index.ts';
export { type MapSharedOptions, mapShared } from './shared-file.ts';
export {
  type ContextTrace,
  type EventKind,
  type TaskEvent,
  type TaskTrace,
  TraceMemory,
  type TraceOptions,
} from './trace/index.ts';
