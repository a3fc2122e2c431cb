import { NR } from '../kernel/index.ts';
import { type Hint, type Traits, traitsOf } from '../loop/index.ts';
import { preadNow } from '../posix/hints.ts';

/** A system call of a request, and how to find out without blocking whether it would block. */
interface Call {
  readonly nr: number;
  readonly traits: Traits;
}

/** What a request does, and by which system calls. */
export interface Operation {
  /** Of the function that submits it; those of lio_listio are reads and writes too. */
  readonly name: 'aio_read' | 'aio_write' | 'aio_fsync';
  readonly kind: 'read' | 'write' | 'sync';
  readonly call: Call;
  /**
   * For descriptors that cannot seek: pipes, sockets, terminals. They have no offset. Nothing waits
   * until they are ready: a request goes on when its descriptor is closed, so it has to have begun.
   */
  readonly streamCall: Call;
}

const callOf = (nr: number, hint?: Hint): Call => ({ nr, traits: traitsOf(true, hint) });

export const READ: Operation = Object.freeze({
  name: 'aio_read',
  kind: 'read',
  call: callOf(NR.pread64, preadNow),
  streamCall: callOf(NR.read),
});

export const WRITE: Operation = Object.freeze({
  name: 'aio_write',
  kind: 'write',
  call: callOf(NR.pwrite64),
  streamCall: callOf(NR.write),
});

const sync = (call: Call): Operation =>
  Object.freeze({ name: 'aio_fsync', kind: 'sync', call, streamCall: call });

export const SYNC: Operation = sync(callOf(NR.fsync));
export const DATA_SYNC: Operation = sync(callOf(NR.fdatasync));
