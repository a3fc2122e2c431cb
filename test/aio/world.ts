import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect } from 'vitest';
import { engine } from '../../lib/aio/engine.ts';
import { type Aiocb, aioCancel, aioError, aioReturn, aioSuspend } from '../../lib/aio/index.ts';
import { NR } from '../../lib/kernel/index.ts';
import { Loop } from '../../lib/loop/index.ts';
import { native } from '../../lib/native.ts';

export const EINPROGRESS = 115;
const AF_UNIX = 1;
const SOCK_STREAM = 1;

const folder = mkdtempSync(join(tmpdir(), 'syslets-aio-'));
const open = new Set<number>();
let files = 0;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** No test leaves a request, a call or a pinned buffer behind. */
afterEach(async () => {
  const { loop, inFlight } = engine();
  for (const fd of open) if (engine().descriptors.isOpen(fd)) aioCancel(fd);
  for (const fd of open) close(fd);
  expect({ requests: inFlight.size, calls: loop.pending }).toEqual({ requests: 0, calls: 0 });
  await noPins();
});

/** A task lets go of what its call used a moment after its completion is in the ring. */
async function noPins(): Promise<void> {
  for (const start = performance.now(); pins() !== 0n && performance.now() - start < 60_000; ) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(pins()).toBe(0n);
}

/** Buffers that are kept alive for calls in flight. */
export function pins(): bigint {
  native().unpin();
  return native().counters().pins ?? -1n;
}

export function close(fd: number): void {
  if (open.delete(fd)) closeSync(fd);
}

/** A descriptor that the test's end closes. */
export function opened(fd: number): number {
  open.add(fd);
  return fd;
}

/** Makes a call that creates two descriptors. */
function pair(nr: number, ...args: readonly number[]): [number, number] {
  const fds = new Int32Array(2);
  Loop.current().kernel.complete(nr, ...args, fds);
  return [opened(fds[0] as number), opened(fds[1] as number)];
}

/** [end to read from, end to write to] */
export function pipe(): [number, number] {
  return pair(NR.pipe2);
}

export function socketPair(): [number, number] {
  return pair(NR.socketpair, AF_UNIX, SOCK_STREAM, 0);
}

export interface File {
  readonly fd: number;
  readonly path: string;
  text(): string;
}

/** A new file with this text. */
export function file(text: string, flags = 'r+'): File {
  const path = join(folder, `file-${files++}`);
  writeFileSync(path, text);
  return { path, fd: opened(openSync(path, flags)), text: () => readFileSync(path, 'utf8') };
}

/** Waits for a request, at most 10 s; what aio_return says. */
export function finish(cb: Aiocb): number {
  if (aioError(cb) === EINPROGRESS) aioSuspend([cb], { timeoutMs: 10_000 });
  return aioReturn(cb);
}

/** Waits for a request, at most 10 s; what aio_error says. */
export function errorOf(cb: Aiocb): number {
  if (aioError(cb) === EINPROGRESS) aioSuspend([cb], { timeoutMs: 10_000 });
  return aioError(cb);
}

/** What was thrown: its code and the function that it names. */
export function thrown(run: () => unknown): { code: string; syscall: string } {
  try {
    run();
  } catch (error) {
    const { code, syscall } = error as { code: string; syscall: string };
    return { code, syscall };
  }
  throw new Error('nothing was thrown');
}

export function bytes(text: string): Buffer {
  return Buffer.from(text);
}
