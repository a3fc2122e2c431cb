export { SocketAddress } from './address.ts';
export type { AnyArgument, AnyCall } from './any-call.ts';
export type { MaybePromise, PosixCall, SysOptions } from './call-types.ts';
export { Dirent, Dirents } from './entries.ts';
export {
  EpollEvents,
  epollEvents,
  type InotifyEvent,
  InotifyEvents,
  type PollFd,
  PollList,
} from './events.ts';
export { AbortError, TimeoutError } from './failure.ts';
export { type FileLock, fileLock } from './file-lock.ts';
export type { FileOffset } from './file-offset.ts';
export { newStruct, type StructMemory } from './memory.ts';
export type { Message } from './message.ts';
export type { Offset } from './params.ts';
export { RawCalls } from './raw.ts';
export type { ChildInfo, Stat, Statx } from './structs.ts';
export * as structs from './structs.ts';
export { type SysCalls, sys } from './sys.ts';
export type { Duration } from './times.ts';
