import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import vm from 'node:vm';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import zlib from 'node:zlib';

export async function timers({ handOver }) {
  const fired = [];
  const all = [5, 1, 3].map((ms) => sleep(ms * 10).then(() => fired.push(ms)));
  const interval = setInterval(() => handOver(), 5);
  await immediate();
  handOver();
  await Promise.all(all);
  clearInterval(interval);
  return fired;
}

/** Microtasks, ticks and immediates keep their order over hand-offs. */
export async function order({ handOver }) {
  const seen = [];
  const last = new Promise((resolve) => {
    setImmediate(() => {
      handOver();
      seen.push('immediate');
      resolve();
    });
  });
  process.nextTick(() => {
    handOver();
    seen.push('tick');
  });
  Promise.resolve().then(() => {
    handOver();
    seen.push('promise');
  });
  handOver();
  seen.push('now');
  await last;
  return seen;
}

export async function files({ handOver }) {
  const dir = await mkdtemp(join(tmpdir(), 'syslets-loop-'));
  const sizes = [];
  for (let i = 0; i < 30; i++) {
    const path = join(dir, `${i}`);
    const written = writeFile(path, 'x'.repeat(1000 * i));
    handOver();
    await written;
    const read = readFile(path);
    handOver();
    assert.equal((await read).length, fs.readFileSync(path).length);
    sizes.push(fs.statSync(path).size);
  }
  await rm(dir, { recursive: true });
  return sizes;
}

/** 100 requests on loopback, keep-alive and not, with hand-offs on both sides. */
export async function loopback({ handOver }) {
  const server = http.createServer((request, response) => {
    handOver();
    response.end(`you asked for ${request.url}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  for (let i = 0; i < 100; i++) {
    const answer = fetch(`http://127.0.0.1:${port}/${i}`);
    handOver();
    assert.equal(await (await answer).text(), `you asked for /${i}`);
  }
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  return 'answered';
}

export async function sockets({ handOver }) {
  const server = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect(server.address().port, '127.0.0.1');
  let received = 0;
  socket.on('data', (chunk) => {
    received += chunk.length;
    handOver();
  });
  for (let i = 0; i < 50; i++) socket.write(Buffer.alloc(10_000, i));
  socket.end();
  await once(socket, 'close');
  server.close();
  return received;
}

const ADDER = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ([a, b]) => parentPort.postMessage(a + b));
`;

/** Workers that are not attached: born of a thread whose context is carried elsewhere. */
export async function workers({ handOver }) {
  for (let i = 0; i < 5; i++) {
    const worker = new Worker(ADDER, { eval: true });
    handOver();
    for (let j = 0; j < 20; j++) {
      worker.postMessage([i, j]);
      handOver();
      const [sum] = await once(worker, 'message');
      assert.equal(sum, i + j);
    }
    await worker.terminate();
  }
  return 'added';
}

const SLEEPER = `
  const { workerData } = require('node:worker_threads');
  const words = new Int32Array(workerData);
  for (let i = 1; i <= 50; i++) {
    Atomics.wait(words, 0, i - 1);
    Atomics.store(words, 1, i);
    Atomics.notify(words, 1);
  }
`;

/** Atomics.wait and notify between a carried main thread and a worker. */
export async function atomics({ handOver }) {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(SLEEPER, { eval: true, workerData: words.buffer });
  for (let i = 1; i <= 50; i++) {
    handOver();
    Atomics.store(words, 0, i);
    Atomics.notify(words, 0);
    while (Atomics.load(words, 1) !== i) Atomics.wait(words, 1, i - 1, 1000);
  }
  const [code] = await once(worker, 'exit');
  return code;
}

export async function vmAndPorts({ handOver }) {
  const context = vm.createContext({ handOver, seen: [] });
  vm.runInContext('for (let i = 0; i < 10; i++) { handOver(); seen.push(i) }', context);
  assert.throws(() => vm.runInContext('for (;;);', context, { timeout: 50 }), /timed out/);
  handOver();
  const { port1, port2 } = new MessageChannel();
  port1.postMessage({ hello: new Uint8Array(3) });
  handOver();
  const { message } = receiveMessageOnPort(port2);
  port1.close();
  return [context.seen.length, message.hello.length];
}

/** The thread pool: compression, cryptography, DNS. */
export async function threadPool({ handOver }) {
  const { pbkdf2Sync, randomBytes, webcrypto } = await import('node:crypto');
  const { lookup } = await import('node:dns/promises');
  const data = randomBytes(100_000);
  const packed = new Promise((resolve, reject) =>
    zlib.gzip(data, (error, result) => (error ? reject(error) : resolve(result))),
  );
  handOver();
  const digest = webcrypto.subtle.digest('SHA-256', data);
  const { address } = await lookup('127.0.0.1');
  handOver();
  assert.deepEqual(zlib.gunzipSync(await packed), data);
  assert.equal((await digest).byteLength, 32);
  return [address, pbkdf2Sync('a', 'b', 1000, 8, 'sha256').toString('hex')];
}

function junk(round) {
  return Array.from({ length: 2000 }, (_, i) => ({ round, i, text: `${round}-${i}` }));
}

/** Collections of all kinds while the context moves. Needs --expose-gc. */
export function garbage({ handOver }) {
  const kept = [];
  for (let i = 0; i < 150; i++) {
    kept[i % 20] = junk(i);
    handOver();
    if (i % 3 === 0) globalThis.gc();
    else globalThis.gc({ type: 'minor' });
  }
  for (const list of kept)
    for (const { round, i, text } of list) assert.equal(text, `${round}-${i}`);
  return kept.length;
}
