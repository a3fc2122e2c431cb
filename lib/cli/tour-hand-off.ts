import { type Kernel, NR, newFrameStack } from '../kernel/index.ts';
import { native } from '../native.ts';

export interface HandOffFacts {
  readonly threadBefore: number;
  readonly threadAfter: number;
  /** From the call that blocks to JavaScript going on. */
  readonly blockToGoingOnUs: number;
  /** The same again, median of several: the tasks are there by now, and are recycled. */
  readonly recycledUs: number;
  readonly pending: boolean;
  readonly status: number;
  readonly text: string;
  /** From the write to the completion in the ring. */
  readonly writeToCompletionUs: number;
  /** The thread that ran the frame's function. */
  readonly frameThread: number;
}

// runtimes other than Node take shared memory alone, and know no descriptors but their own
const shared = (bytes: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(bytes));

const TEXT = shared(64);
const TEXT_BYTES = new TextEncoder().encodeInto('written after the read had blocked', TEXT).written;
const WAIT_MS = 5000;
const TIMES_AGAIN = 50;

/** A read that blocks on an empty pipe: JavaScript, the only one who can write, goes on. */
export function handOff(kernel: Kernel): HandOffFacts {
  const fds = new Int32Array(shared(8).buffer);
  kernel.complete(NR.pipe2, fds, 0);
  const [readEnd, writeEnd] = [...fds] as [number, number];
  try {
    const facts = blockAndComplete(kernel, readEnd, writeEnd);
    return { ...facts, recycledUs: recycled(kernel, readEnd, writeEnd) };
  } finally {
    kernel.complete(NR.close, readEnd);
    kernel.complete(NR.close, writeEnd);
  }
}

/** Microseconds from the block to going on where no task has to be made. */
function recycled(kernel: Kernel, readEnd: number, writeEnd: number): number {
  const buffer = shared(1);
  const call = kernel.newCall(NR.read).setArgs(readEnd, buffer, 1);
  const times: number[] = [];
  for (let i = 0; i < TIMES_AGAIN; i++) {
    const start = performance.now();
    call.run();
    times.push(us(start));
    kernel.complete(NR.write, writeEnd, TEXT, 1);
    if (call.pending) completed(kernel);
  }
  call.release();
  return times.sort((a, b) => a - b)[TIMES_AGAIN / 2] as number;
}

type FirstHandOff = Omit<HandOffFacts, 'recycledUs'>;

function blockAndComplete(kernel: Kernel, readEnd: number, writeEnd: number): FirstHandOff {
  const buffer = shared(100);
  const noted = new BigUint64Array(shared(32).buffer);
  const call = readCall(kernel, noted);
  call.setArgs(readEnd, buffer, buffer.length);
  const threadBefore = kernel.gettid();
  const start = performance.now();
  call.run();
  const blockToGoingOnUs = us(start);
  const { pending } = call;
  const threadAfter = kernel.gettid();
  const written = performance.now();
  kernel.complete(NR.write, writeEnd, TEXT, TEXT_BYTES);
  const status = pending ? completed(kernel) : Number(call.result);
  const writeToCompletionUs = us(written);
  call.release();
  return {
    threadBefore,
    threadAfter,
    blockToGoingOnUs,
    pending,
    status,
    text: Buffer.from(buffer.subarray(0, Math.max(0, status))).toString(),
    writeToCompletionUs,
    frameThread: pending ? noteOf(noted) : 0,
  };
}

/** Its frame's function notes, at caller_data, on which thread it runs. */
function readCall(kernel: Kernel, noted: BigUint64Array) {
  const note = native().noteFunction();
  kernel.registerFunction(note);
  const call = kernel.newCall(NR.read, { frame: { ip: note, stack: newFrameStack() } });
  call.setCallerData(native().addressOf(noted));
  return call;
}

function completed(kernel: Kernel): number {
  let status = Number.NaN;
  if (!kernel.ring.wait({ timeoutMs: WAIT_MS })) {
    throw new Error(`no completion within ${WAIT_MS} ms of the write: run 'syslets doctor'`);
  }
  kernel.ring.reap((value) => {
    status = value;
  });
  return status;
}

/** The function runs after the completion is in the ring: it may take a moment. */
function noteOf(noted: BigUint64Array): number {
  const end = performance.now() + WAIT_MS;
  while (Atomics.load(noted, 0) === 0n && performance.now() < end);
  return Number(Atomics.load(noted, 0));
}

function us(start: number): number {
  return Math.round((performance.now() - start) * 1e4) / 10;
}
