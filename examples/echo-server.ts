// A TCP echo server whose accept, recv and send are syslets: node echo-server.js [PORT]. Written as
// a plain loop for each connection; no stream, no callback.
import { constants, SocketAddress, SysletsError, sys } from 'syslets';

const { AF_INET, MSG_NOSIGNAL, SOCK_CLOEXEC, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR } = constants;
const BACKLOG = 128;
const BUFFER_BYTES = 16 * 1024;

/** Sends all of it: one send may take a part. */
async function sendAll(fd: number, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length; ) {
    sent += await sys.sendto(fd, bytes.subarray(sent), MSG_NOSIGNAL);
  }
}

async function echo(fd: number): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  try {
    for (let length = -1; length !== 0; ) {
      length = await sys.recvfrom(fd, buffer);
      await sendAll(fd, buffer.subarray(0, length));
    }
  } catch (error) {
    if (!(error instanceof SysletsError)) throw error;
    console.error(error.message); // the other side is gone; the server goes on
  } finally {
    await sys.close(fd);
  }
}

async function listen(port: number): Promise<number> {
  const fd = await sys.call('socket', AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const address = SocketAddress.ip('127.0.0.1', port);
  const one = new Int32Array([1]);
  await sys.call('setsockopt', fd, SOL_SOCKET, SO_REUSEADDR, one, one.byteLength);
  await sys.call('bind', fd, address.storage, address.length);
  await sys.call('listen', fd, BACKLOG);
  return fd;
}

/** The port that the system chose for port 0. */
async function portOf(fd: number): Promise<number> {
  const address = SocketAddress.empty();
  const length = new Int32Array([address.length]);
  await sys.call('getsockname', fd, address.storage, length);
  return address.port;
}

const listener = await listen(Number(process.argv[2] ?? 0));
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.once('SIGINT', () => stop.abort());
console.log(`listening on 127.0.0.1:${await portOf(listener)}`);
try {
  for (;;) echo(await sys.accept4(listener, null, SOCK_CLOEXEC, { signal: stop.signal }));
} catch (error) {
  if ((error as Error).name !== 'AbortError') throw error;
}
await sys.close(listener);
const { readinessWaits, handOffs, dispatches } = sys.counters();
console.log(
  `stopped; ${readinessWaits} calls waited for their socket, ` +
    `${handOffs} were handed over, ${dispatches} dispatched`,
);
