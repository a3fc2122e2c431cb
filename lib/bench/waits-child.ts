import { readFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { sys } from '../posix/index.ts';
import { threadIds } from './threads-cpu.ts';

/** What this process prints. */
export interface WaitsOutput {
  readonly pipes: number;
  /** Nanoseconds from a byte for the last pipe until the program has it. */
  readonly samples: readonly number[];
  readonly threads: number;
  /** Bytes for each pending read. */
  readonly resident: number;
  readonly kernel: number;
}

const [kind = 'sys', most = '9000', rounds = '2000'] = process.argv.slice(2);
const WARM_UP = 200;
/** Descriptors that the runtime and the attached thread need. */
const RESERVED = 200;
const BYTES = 64;
const MESSAGE = Buffer.from('x');

interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
}

function newPipe(): Pipe {
  const fds = new Int32Array(2);
  sys.call.sync('pipe2', fds, 0);
  return { readEnd: fds[0] as number, writeEnd: fds[1] as number };
}

function descriptors(): number {
  const [, limit = ''] =
    /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return Number(limit);
}

/** Unreclaimable memory of the kernel's own: of the whole machine. */
function kernelBytes(): number {
  const [, kib = '0'] = /^SUnreclaim: +(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  return Number(kib) * 1024;
}

function residentBytes(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  return process.memoryUsage().rss;
}

/** Tells when the last pipe's byte is there, again and again. */
type Reader = (fd: number, onByte: () => void) => void;

const bySys: Reader = async (fd, onByte) => {
  const buffer = Buffer.allocUnsafe(BYTES);
  for (let count = 1; count > 0; ) {
    count = await sys.read(fd, buffer);
    onByte();
  }
};

/** Its buffers are its own, one for each byte that comes. */
const byNet: Reader = (fd, onByte) => {
  new Socket({ fd, readable: true, writable: false }).on('data', onByte);
};

async function measure(last: Pipe, heard: { tell: () => void }): Promise<number[]> {
  const samples: number[] = [];
  for (let i = -WARM_UP; i < Number(rounds); i++) {
    const start = performance.now();
    await new Promise<void>((resolve) => {
      heard.tell = resolve;
      writeSync(last.writeEnd, MESSAGE);
    });
    if (i >= 0) samples.push((performance.now() - start) * 1e6);
  }
  return samples;
}

const count = Math.min(Number(most), Math.floor((descriptors() - RESERVED) / 2));
const pipes = Array.from({ length: count }, newPipe);
const heard = { tell: () => {} };
const before = { resident: residentBytes(), kernel: kernelBytes() };
const read = kind === 'sys' ? bySys : byNet;
for (const { readEnd } of pipes) read(readEnd, () => heard.tell());
await new Promise((resolve) => setTimeout(resolve, 100));
const resident = (residentBytes() - before.resident) / count;
const kernel = (kernelBytes() - before.kernel) / count;
const samples = await measure(pipes.at(-1) as Pipe, heard);
const threads = threadIds().size;
const output: WaitsOutput = { pipes: count, samples, threads, resident, kernel };
writeSync(1, JSON.stringify(output));
process.exit(0);
