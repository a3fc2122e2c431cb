import { closeSync, writeSync } from 'node:fs';
import { sys } from '../../lib/posix/index.ts';

export interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
  write(text: string): void;
  close(): void;
}

/** A pipe, by calls that do not block and count nowhere. */
export function newPipe(): Pipe {
  const [readEnd, writeEnd] = pair((fds) => sys.call.sync('pipe2', fds, 0));
  return {
    readEnd,
    writeEnd,
    write: (text) => {
      writeSync(writeEnd, text);
    },
    close: () => {
      closeSync(readEnd);
      closeSync(writeEnd);
    },
  };
}

/** Two Unix sockets of that type, which is SOCK_STREAM. */
export function newSocketPair(type = 1): [number, number] {
  return pair((fds) => sys.call.sync('socketpair', 1, type, 0, fds));
}

function pair(make: (fds: Int32Array) => void): [number, number] {
  const fds = new Int32Array(2);
  make(fds);
  return [fds[0] as number, fds[1] as number];
}
