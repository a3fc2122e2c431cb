export type { Watcher } from './binding.ts';
export { DetachedError, errorName, NativeUnavailableError, SysletsError } from './errors.ts';
export {
  type Argument,
  type CallOptions,
  ESYSLETPENDING,
  type Frame,
  Kernel,
  type KernelOptions,
  NR,
  newFrameStack,
  type Overflow,
  type SysletCall,
} from './kernel/index.ts';
export {
  CompletionBatch,
  CompletionRing,
  type OnBigCompletion,
  type OnCompletion,
  type RingOptions,
  type WaitOptions,
} from './ring/index.ts';
export {
  type ContextTrace,
  type EventKind,
  type TaskEvent,
  type TaskTrace,
  TraceMemory,
  type TraceOptions,
} from './trace/index.ts';
