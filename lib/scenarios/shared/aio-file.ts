import { constants, openSync, readdirSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { Aiocb, aio_error, aio_read, aio_return, aio_suspend, aio_write } from '../../aio/index.ts';

const EINPROGRESS = 115;
const PREFIX = 'syslets-aio-file-';
/** Regions of a thread before the first comes again: more than there are histories in a round. */
const REGIONS = 4096;

/** The thread's own descriptor of the one file of this process. */
let descriptor: number | undefined;
let taken = 0;

/** Gives a history a region of the file, zeroed. */
export function takeRegion(memory: SharedArrayBuffer, bytes: number): void {
  const at = (threadId * REGIONS + (taken++ % REGIONS)) * bytes;
  new Int32Array(memory)[0] = at;
  writeSync(ownDescriptor(), new Uint8Array(bytes), 0, bytes, at);
}

/** A region of the file, by requests of this thread. */
export class AioFile {
  readonly #start: number;

  constructor(memory: SharedArrayBuffer) {
    this.#start = new Int32Array(memory)[0] as number;
  }

  write(at: number, byte: number): number {
    return ended(this.#request(at, Uint8Array.of(byte)), aio_write);
  }

  read(at: number): number {
    const buffer = new Uint8Array(1);
    ended(this.#request(at, buffer), aio_read);
    return buffer[0] as number;
  }

  #request(at: number, buffer: Uint8Array): Aiocb {
    return new Aiocb({
      aio_fildes: ownDescriptor(),
      aio_buf: buffer,
      aio_offset: this.#start + at,
    });
  }
}

function ended(request: Aiocb, submit: (request: Aiocb) => void): number {
  submit(request);
  while (aio_error(request) === EINPROGRESS) aio_suspend([request]);
  return Number(aio_return(request));
}

function ownDescriptor(): number {
  if (descriptor !== undefined) return descriptor;
  removeLeft();
  const path = join(tmpdir(), `${PREFIX}${process.pid}`);
  descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  return descriptor;
}

/** A trial ends by the end of its process, and cannot remove its file: the next one does. */
function removeLeft(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(name.slice(PREFIX.length));
    if (name.startsWith(PREFIX) && pid !== process.pid && !isAlive(pid)) remove(name);
  }
}

function remove(name: string): void {
  try {
    unlinkSync(join(tmpdir(), name));
  } catch (error) {
    // another trial was quicker, or it is another user's
    if (!['ENOENT', 'EPERM', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
