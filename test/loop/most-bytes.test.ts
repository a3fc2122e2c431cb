import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { sys } from '../../lib/posix/index.ts';
import { newSocketPair } from '../posix/pipes.ts';

/** The host moves no more than MAX_RW_COUNT in one call (write(2), sendto(2)). */

const [SOCK_STREAM, SOCK_CLOEXEC] = [1, 0o2000000];
const LONGEST_MS = 300_000;

afterEach(() => sys.detach());

/** Memory that is never written to: all of it is the kernel's page of zeros. */
const bytes = () => new Uint8Array(new SharedArrayBuffer(3_000_000_000));

/** Reads all that comes. */
async function reader(fd: number): Promise<ChildProcess> {
  const child = spawn('cat', { stdio: [fd, 'ignore', 'inherit'] });
  await once(child, 'spawn');
  closeSync(fd);
  return child;
}

test(
  'a send in parts gives no more than the plain call does',
  async () => {
    const [readEnd, writeEnd] = newSocketPair(SOCK_STREAM | SOCK_CLOEXEC);
    const child = await reader(readEnd);
    const results = [await sys.write(writeEnd, bytes()), sys.write.sync(writeEnd, bytes())];
    expect(results).toEqual([0x7fff_f000, 0x7fff_f000]);
    closeSync(writeEnd);
    await once(child, 'exit');
  },
  LONGEST_MS,
);
