// What the package does, on a machine without npm and vitest: scripts/arm64.mjs runs it there. The
// right value is Node's own wherever there is one. It prints a line a check, and fails with the first.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [dist, handOffs = '20000'] = process.argv.slice(2);
const { ESYSLETPENDING, PollList, sys } = await import(join(dist, 'index.js'));

const folder = mkdtempSync(join(tmpdir(), 'syslets-'));
const file = join(folder, 'file');
writeFileSync(file, 'content');

async function check(name, body) {
  const start = performance.now();
  await body();
  console.log(`ok ${name} (${Math.round(performance.now() - start)} ms)`);
}

async function pipe() {
  const ends = new Int32Array(2);
  await sys.call('pipe2', ends, 0);
  return ends;
}

const members = (one) =>
  [one.st_mode, one.st_nlink, one.st_uid, one.st_size, one.st_ino].map(Number);
const nodes = (one) => [one.mode, one.nlink, one.uid, one.size, one.ino];

await check("numbers of calls are this processor's", async () => {
  assert.equal(await sys.call('getpid'), process.pid);
  assert.equal(await sys.call('getppid'), process.ppid);
});

await check('stat, lstat and fstat are as Node has them', async () => {
  symlinkSync('file', join(folder, 'link'));
  assert.deepEqual(members(await sys.stat(join(folder, 'link'))), nodes(statSync(file)));
  assert.notDeepEqual(members(await sys.lstat(join(folder, 'link'))), nodes(statSync(file)));
  const fd = openSync(file, 'r');
  assert.deepEqual(members(await sys.fstat(fd)), nodes(fstatSync(fd)));
  const bytes = Buffer.alloc(4);
  assert.equal(await sys.pread(fd, bytes, 3), 4);
  assert.equal(bytes.toString(), 'tent');
  closeSync(fd);
});

await check('a read that blocks goes on elsewhere', async () => {
  const [reading, writing] = await pipe();
  const bytes = Buffer.alloc(8);
  const read = sys.read.async(reading, bytes);
  assert.equal(await sys.write(writing, Buffer.from('four')), 4);
  assert.equal(await read, 4);
  assert.equal(bytes.toString('latin1', 0, 4), 'four');
  closeSync(reading);
  closeSync(writing);
});

await check('poll has its limit and its events', async () => {
  const [reading, writing] = await pipe();
  const list = new PollList([{ fd: reading, events: 1 }]);
  const start = performance.now();
  assert.equal(await sys.poll(list, 20), 0);
  assert(performance.now() - start >= 19);
  await sys.write(writing, Buffer.from('x'));
  assert.equal(await sys.poll(list, -1), 1);
  closeSync(reading);
  closeSync(writing);
});

await check('abort and a time limit end a read', async () => {
  const [reading, writing] = await pipe();
  const stop = new AbortController();
  const aborted = sys.read.async(reading, Buffer.alloc(1), { signal: stop.signal });
  const late = sys.read.async(reading, Buffer.alloc(1), { timeoutMs: 20 });
  stop.abort();
  await assert.rejects(aborted, { name: 'AbortError' });
  await assert.rejects(late, { code: 'ETIMEDOUT' });
  closeSync(reading);
  closeSync(writing);
});

await check('find finds what there is', () => {
  mkdirSync(join(folder, 'a', 'b'), { recursive: true });
  writeFileSync(join(folder, 'a', 'b', 'c'), 'abc');
  const found = execFileSync(process.execPath, [join(dist, 'cli', 'main.js'), 'find', folder], {
    encoding: 'utf8',
  });
  assert.match(found, /entries +6: 2 files, 3 directories, 1 symlinks, 0 others/);
});

await check("a server of Node's runs beside it", async () => {
  const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const answer = await fetchText(server.address().port);
  assert.equal(answer, 'hello');
  server.close();
});

async function fetchText(port) {
  const { connect } = await import('node:net');
  return await new Promise((resolve, reject) => {
    let text = '';
    connect(port, '127.0.0.1')
      .on('data', (chunk) => {
        text += chunk;
      })
      .on('end', () => resolve(text))
      .on('error', reject);
  });
}

await check(`${handOffs} hand-offs, none lost or wrong`, async () => {
  const raw = sys.raw(8);
  const [reading, writing] = await pipe();
  const [into, from] = [new Uint8Array(8), new Uint8Array(8)];
  for (let id = 1; id <= Number(handOffs); id++) {
    new DataView(from.buffer).setUint32(0, id);
    const result = raw.call('read', id, reading, into, 8);
    assert.equal(result, -ESYSLETPENDING);
    assert.equal(raw.call('write', 0, writing, from, 8), 8);
    let ended = 0;
    while (ended === 0) {
      raw.ring.wait();
      raw.ring.reap((status, callerData) => {
        assert.deepEqual([status, callerData], [8, id]);
        ended++;
      });
    }
    assert.equal(ended, 1);
    assert.equal(new DataView(into.buffer).getUint32(0), id);
  }
  raw.release();
});

console.log('all ok');
