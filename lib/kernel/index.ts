export type { Argument } from './argument.ts';
export { type Constants, constants, constantsOf } from './constants.ts';
export { type Frame, newFrameStack } from './frame.ts';
export { Kernel } from './kernel.ts';
export { type CallName, callName, callNumber, NR } from './numbers.ts';
export { type CallOptions, type KernelOptions, type Overflow, WATCHERS } from './options.ts';
export { ESYSLETPENDING } from './result.ts';
export type { SysletCall } from './syslet-call.ts';
export { defaultMaxTasks, type TaskLimits, taskLimits } from './task-limit.ts';
