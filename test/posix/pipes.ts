import { closeSync, openSync, writeSync } from 'node:fs';
import { SocketAddress, sys } from '../../lib/posix/index.ts';

export interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
  write(text: string): void;
  close(): void;
}

// The kernel sleeps where the table of descriptors grows in a process of many threads, and the call
// that needs the new descriptor is handed over: the table grows before anybody counts.
const before: number[] = [];
try {
  while (before.length < 1000) before.push(openSync('/dev/null', 'r'));
} catch {
  // no more than the limit lets it grow
}
for (const fd of before) closeSync(fd);

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

/** Two TCP sockets that are connected, with these SO_SNDBUF and SO_RCVBUF if they are given. */
export function newTcpPair(buffers?: { send: number; receive: number }): [number, number] {
  const [AF_INET, SOCK_STREAM, SOL_SOCKET, SO_SNDBUF, SO_RCVBUF] = [2, 1, 1, 7, 8];
  const [listener, one] = [0, 1].map(() => sys.call.sync('socket', AF_INET, SOCK_STREAM, 0));
  const set = (fd: number, option: number, value: number) =>
    sys.call.sync('setsockopt', fd, SOL_SOCKET, option, new Int32Array([value]), 4);
  if (buffers !== undefined) {
    set(one as number, SO_SNDBUF, buffers.send);
    set(listener as number, SO_RCVBUF, buffers.receive);
  }
  const address = SocketAddress.ip('127.0.0.1', 0);
  sys.call.sync('bind', listener as number, address.storage, address.length);
  sys.call.sync('listen', listener as number, 1);
  sys.call.sync('getsockname', listener as number, address.storage, new Int32Array([128]));
  sys.connect.sync(one as number, address);
  const other = sys.accept4.sync(listener as number, null, 0);
  closeSync(listener as number);
  return [one as number, other];
}
