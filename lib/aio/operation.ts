import { NR } from '../kernel/index.ts';

/** What a request does, and by which system calls. */
export interface Operation {
  /** Of the function that submits it; those of lio_listio are reads and writes too. */
  readonly name: 'aio_read' | 'aio_write' | 'aio_fsync';
  readonly kind: 'read' | 'write' | 'sync';
  readonly nr: number;
  /** For descriptors that cannot seek: pipes, sockets, terminals. They have no offset. */
  readonly streamNr: number;
}

export const READ: Operation = Object.freeze({
  name: 'aio_read',
  kind: 'read',
  nr: NR.pread64,
  streamNr: NR.read,
});

export const WRITE: Operation = Object.freeze({
  name: 'aio_write',
  kind: 'write',
  nr: NR.pwrite64,
  streamNr: NR.write,
});

const sync = (nr: number): Operation =>
  Object.freeze({ name: 'aio_fsync', kind: 'sync', nr, streamNr: nr });

export const SYNC: Operation = sync(NR.fsync);
export const DATA_SYNC: Operation = sync(NR.fdatasync);
