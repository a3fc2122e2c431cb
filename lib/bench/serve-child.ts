import { createServer } from 'node:net';
import { SysletsError } from '../errors.ts';
import { constants } from '../kernel/index.ts';
import { SocketAddress, sys } from '../posix/index.ts';

// An echo server of `bench serve`: `sys`, as examples/echo-server.ts, or `net`. Prints its port.

const { AF_INET, SOCK_STREAM, MSG_NOSIGNAL } = constants;
const BACKLOG = 512;
const BUFFER_BYTES = 16 * 1024;

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
    if (!(error instanceof SysletsError)) throw error; // else the client is gone
  } finally {
    await sys.close(fd);
  }
}

async function serveBySys(): Promise<void> {
  const fd = await sys.call('socket', AF_INET, SOCK_STREAM, 0);
  const address = SocketAddress.ip('127.0.0.1', 0);
  await sys.call('bind', fd, address.storage, address.length);
  await sys.call('listen', fd, BACKLOG);
  await sys.call('getsockname', fd, address.storage, new Int32Array([address.length]));
  console.log(`listening on 127.0.0.1:${address.port}`);
  for (;;) void echo(await sys.accept4(fd, null, 0));
}

function serveByNet(): void {
  const server = createServer((socket) => {
    socket.on('data', (bytes) => socket.write(bytes)).on('error', () => socket.destroy());
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
    const { port } = server.address() as { port: number };
    console.log(`listening on 127.0.0.1:${port}`);
  });
}

if (process.argv[2] === 'sys') await serveBySys();
else serveByNet();
