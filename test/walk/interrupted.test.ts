import { constants, openSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { PENDING, RESULT } from '../../lib/kernel/call-layout.ts';
import { type Batch, Loop } from '../../lib/loop/index.ts';
import { GETDENTS64 } from '../../lib/walk/call-numbers.ts';
import { Directory } from '../../lib/walk/directory.ts';
import { Entries } from '../../lib/walk/entries.ts';
import { InFlight } from '../../lib/walk/in-flight.ts';
import { BUFFER_BYTES, WalkMemory } from '../../lib/walk/memory.ts';
import { StatCalls } from '../../lib/walk/stat-calls.ts';
import { Tree } from './tree.ts';

const EINTR = -4;
const FILES = 150;

const tree = new Tree();
const loop = Loop.start();
afterAll(() => {
  loop.close();
  tree.remove();
});

let seen = 0;

/** Every third call of a batch fails with EINTR, as a file system may say that is no signal's. */
function failing(batch: Batch): Batch {
  const run = batch.run.bind(batch);
  batch.run = (index, count) => {
    const made = run(index, count);
    for (let i = index; i < index + made; i += 3) {
      if (batch.words[batch.at(i) + PENDING] !== 0) continue;
      batch.words[batch.at(i) + RESULT] = EINTR;
      seen++;
    }
    return made;
  };
  return batch;
}

// signals are the kernel side's affair: made again here, such a call would never end
test('an EINTR of the file system is a failure like any other, told once', () => {
  tree.shell(`for i in $(seq ${FILES}); do printf '%*s' $i '' > f$i; done`);
  const memory = new WalkMemory();
  const entries = new Entries(memory, {});
  const [buffer] = memory.buffers;
  if (buffer === undefined) throw new Error('a walk has buffers');
  const inFlight = new InFlight(loop);
  const failingLoop = { batch: (nr: number) => failing(loop.batch(nr)) };
  const drained = () => {};
  const stats = new StatCalls({ loop: failingLoop, memory, entries, inFlight, drained });
  const fd = openSync(tree.root, constants.O_DIRECTORY);
  buffer.directory = new Directory(undefined, Buffer.from(tree.root));
  buffer.directory.fd = fd;
  buffer.state = 'ready';
  buffer.at = buffer.start;
  const names = memory.bytes.subarray(buffer.start);
  buffer.end = buffer.start + loop.waited.make(GETDENTS64, fd, names, BUFFER_BYTES);
  while (buffer.at < buffer.end) stats.submit(buffer, fd);
  while (inFlight.count > 0) inFlight.wait();
  stats.release();
  const { files, failed } = entries.tally.totals();
  expect(seen).toBeGreaterThan(0);
  expect({ files, failed }).toEqual({ files: FILES - seen, failed: seen });
  expect(buffer.pending).toBe(0);
});
