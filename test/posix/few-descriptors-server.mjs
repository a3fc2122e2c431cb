// An echo server that handles EMFILE of accept4: it waits a moment and goes on. Prints its port, and
// how often a timer beside it has fired whenever it is asked by a line on standard input.
import { SocketAddress, SysletsError, sys } from '../../dist/index.js';

const AF_INET = 2;
const SOCK_STREAM = 1;
const MSG_NOSIGNAL = 0x4000;
const PAUSE_MS = 20;

async function echo(fd) {
  const bytes = new Uint8Array(1000);
  try {
    for (;;) {
      const length = await sys.recvfrom(fd, bytes);
      if (length === 0) break;
      await sys.sendto(fd, bytes.subarray(0, length), MSG_NOSIGNAL);
    }
  } catch (error) {
    if (!(error instanceof SysletsError)) throw error; // the other side is gone
  } finally {
    await sys.close(fd);
  }
}

const listener = await sys.call('socket', AF_INET, SOCK_STREAM, 0);
const any = SocketAddress.ip('127.0.0.1', 0);
await sys.call('bind', listener, any.storage, any.length);
await sys.call('listen', listener, 512);
const bound = SocketAddress.empty();
await sys.call('getsockname', listener, bound.storage, new Int32Array([bound.length]));

let ticks = 0;
let refused = 0;
setInterval(() => ticks++, 10);
process.stdin.on('data', () => process.stdout.write(`${JSON.stringify({ ticks, refused })}\n`));
process.stdout.write(`${bound.port}\n`);

for (;;) {
  try {
    echo(await sys.accept4(listener, null, 0));
  } catch (error) {
    if (error.code !== 'EMFILE') throw error;
    refused++;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
