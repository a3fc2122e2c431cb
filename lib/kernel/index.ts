export { type Frame, newFrameStack } from './frame.ts';
export { type CallOptions, Kernel, type KernelOptions, type Overflow } from './kernel.ts';
export { NR } from './numbers.ts';
export { type Argument, ESYSLETPENDING, type SysletCall } from './syslet-call.ts';
