import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SERVER = fileURLToPath(new URL('few-descriptors-server.mjs', import.meta.url));
const DESCRIPTORS = 100;
const CONNECTIONS = 150;

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
  });
}

// A remote client could freeze the process for good: a watcher that had no descriptor for its eyes
// never looked again, and the call that was blocked then held JavaScript (architecture.md).
test('a server that was out of descriptors serves again, and its timers run', async () => {
  const limited = `ulimit -n ${DESCRIPTORS}; exec "$0" "$@"`;
  const server = spawn('sh', ['-c', limited, process.execPath, SERVER]);
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  const line = async () => String((await lines.next()).value);
  const facts = async () => {
    server.stdin.write('?\n');
    return JSON.parse(await line()) as { readonly ticks: number; readonly refused: number };
  };
  try {
    const port = Number(await line());
    const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => connected(port)));
    while ((await facts()).refused === 0);
    for (const socket of sockets) socket.destroy();
    for (let i = 0; i < 10; i++) {
      const socket = await connected(port);
      socket.write(`message ${i}`);
      expect(String((await once(socket, 'data'))[0])).toBe(`message ${i}`);
      socket.destroy();
    }
    const { ticks } = await facts();
    while ((await facts()).ticks === ticks);
  } finally {
    server.kill('SIGKILL');
  }
}, 60_000);
