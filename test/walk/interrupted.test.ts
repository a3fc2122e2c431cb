import { constants, openSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { PENDING, RESULT } from '../../lib/kernel/call-layout.ts';
import { Kernel } from '../../lib/kernel/index.ts';
import { Blocks } from '../../lib/walk/blocks.ts';
import { GETDENTS64 } from '../../lib/walk/call-numbers.ts';
import { CallCounts } from '../../lib/walk/counts.ts';
import { Directory } from '../../lib/walk/directory.ts';
import { Entries } from '../../lib/walk/entries.ts';
import { InFlight } from '../../lib/walk/in-flight.ts';
import { BUFFER_BYTES, WalkMemory } from '../../lib/walk/memory.ts';
import { STAT_BLOCKS, StatCalls } from '../../lib/walk/stat-calls.ts';
import { Tree } from './tree.ts';

const EINTR = -4;
const FILES = 150;

const tree = new Tree();
const kernel = Kernel.attach({ slots: STAT_BLOCKS + 1 });
afterAll(() => {
  kernel.detach();
  tree.remove();
});

/** Every third call of a batch fails with EINTR, as a file system may say that is no signal's. */
class Failing extends Blocks {
  seen = 0;

  override runMany(index: number, count: number): number {
    const ran = super.runMany(index, count);
    for (let i = index; i < index + ran; i += 3) {
      if (this.words[this.at(i) + PENDING] !== 0) continue;
      this.words[this.at(i) + RESULT] = EINTR;
      this.seen++;
    }
    return ran;
  }
}

// signals are the kernel side's affair: made again here, such a call would never end
test('an EINTR of the file system is a failure like any other, told once', () => {
  tree.shell(`for i in $(seq ${FILES}); do printf '%*s' $i '' > f$i; done`);
  const memory = new WalkMemory();
  const entries = new Entries(memory, {});
  const [buffer] = memory.buffers;
  if (buffer === undefined) throw new Error('a walk has buffers');
  let stats: StatCalls | undefined;
  const inFlight = new InFlight((data, status) => stats?.completed(data, status));
  const blocks = new Failing(kernel, inFlight.ring, STAT_BLOCKS);
  const counts = new CallCounts();
  stats = new StatCalls({ memory, entries, blocks, inFlight, counts, drained: () => {} });
  const fd = openSync(tree.root, constants.O_DIRECTORY);
  buffer.directory = new Directory(undefined, Buffer.from(tree.root));
  buffer.directory.fd = fd;
  buffer.state = 'ready';
  buffer.at = buffer.start;
  const names = memory.bytes.subarray(buffer.start);
  buffer.end = buffer.start + kernel.complete(GETDENTS64, fd, names, BUFFER_BYTES);
  while (buffer.at < buffer.end) stats.submit(buffer, fd);
  while (inFlight.count > 0) inFlight.wait();
  const { files, failed } = entries.tally.totals();
  expect(blocks.seen).toBeGreaterThan(0);
  expect({ files, failed }).toEqual({ files: FILES - blocks.seen, failed: blocks.seen });
  expect(buffer.pending).toBe(0);
});
