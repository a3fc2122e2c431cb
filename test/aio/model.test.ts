import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  Aiocb,
  aioCancel,
  aioError,
  aioFsync,
  aioRead,
  aioReturn,
  aioSuspend,
  aioWrite,
  O_DSYNC,
} from '../../lib/aio/index.ts';
import { type SlowLoop, withSlowLoop } from './slow-loop.ts';
import { close, EINPROGRESS, file, pipe } from './world.ts';

// Random sequences of requests against models of a pipe and of a file. A failure prints its seed
// and the shortest sequence; SYSLETS_SEED runs that seed again.

const seed = Number(process.env.SYSLETS_SEED ?? Date.now() % 0x7fff_ffff);
const RUNS = 150;

function check<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, property), { seed, numRuns: RUNS });
}

/** A byte of a stream says where it was written. */
const pattern = (from: number, bytes: number) =>
  Buffer.from(Array.from({ length: bytes }, (_, i) => (from + i) % 251));

type StreamStep =
  | { readonly kind: 'read' | 'write'; readonly bytes: number }
  | { readonly kind: 'cancel' | 'look' | 'suspend'; readonly which: number };

const streamStep: fc.Arbitrary<StreamStep> = fc.oneof(
  fc.record({ kind: fc.constant('read' as const), bytes: fc.integer({ min: 1, max: 9000 }) }),
  fc.record({ kind: fc.constant('write' as const), bytes: fc.integer({ min: 1, max: 40_000 }) }),
  fc.record({
    kind: fc.constantFrom('cancel' as const, 'look' as const, 'suspend' as const),
    which: fc.nat(1000),
  }),
);

/** A pipe on which requests are in flight, and what must be true of it at any time. */
class StreamRun {
  readonly reads: Aiocb[] = [];
  readonly writes: Aiocb[] = [];
  readonly #ends = pipe();
  readonly #final = new Map<Aiocb, number>();
  #sent = 0;

  step(step: StreamStep): void {
    if ('bytes' in step) this.#submit(step.kind, step.bytes);
    else this.#other(step.kind, [...this.reads, ...this.writes].at(step.which % this.#count));
    this.#look();
  }

  get #count(): number {
    return Math.max(1, this.reads.length + this.writes.length);
  }

  #submit(kind: 'read' | 'write', bytes: number): void {
    const [reading, writing] = this.#ends;
    if (kind === 'read') {
      const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(bytes) });
      this.reads.push(cb);
      aioRead(cb);
      return;
    }
    const cb = new Aiocb({ aio_fildes: writing, aio_buf: pattern(this.#sent, bytes) });
    this.writes.push(cb);
    this.#sent += bytes;
    aioWrite(cb);
  }

  #other(kind: 'cancel' | 'look' | 'suspend', cb: Aiocb | undefined): void {
    if (cb === undefined || kind === 'look') return;
    if (kind === 'cancel') aioCancel(cb.aio_fildes, cb);
    else if (aioError(cb) !== EINPROGRESS) aioSuspend([null, cb]);
  }

  /** A status that is final stays what it is. */
  #look(): void {
    for (const cb of [...this.reads, ...this.writes]) {
      const error = aioError(cb);
      const before = this.#final.get(cb);
      if (before !== undefined) expect(error).toBe(before);
      else if (error !== EINPROGRESS) this.#final.set(cb, error);
    }
  }

  /** Ends all; bytes that were written and bytes that were read, in the order of the calls. */
  end(): { written: Buffer; read: Buffer } {
    const [reading, writing] = this.#ends;
    aioCancel(writing);
    aioCancel(reading);
    const written = this.writes.map((cb) => dataOf(cb));
    const read = this.reads.map((cb) => dataOf(cb));
    const left = Buffer.concat(written).length - Buffer.concat(read).length;
    if (left > 0) read.push(this.#rest(left));
    close(reading);
    close(writing);
    return { written: Buffer.concat(written), read: Buffer.concat(read) };
  }

  #rest(bytes: number): Buffer {
    const cb = new Aiocb({ aio_fildes: this.#ends[0], aio_buf: Buffer.alloc(bytes) });
    aioRead(cb);
    if (aioError(cb) === EINPROGRESS) aioSuspend([cb]);
    return dataOf(cb);
  }
}

/** The bytes that a request has moved: none if it was cancelled. */
function dataOf(cb: Aiocb): Buffer {
  if (aioError(cb) === EINPROGRESS) throw new Error('a request is still in flight');
  const bytes = aioError(cb) === 0 ? aioReturn(cb) : 0;
  return Buffer.from((cb.aio_buf as Buffer).subarray(0, bytes));
}

test(`a pipe: what is read is what was written, in the order of the calls (seed ${seed})`, () => {
  check(fc.array(streamStep, { maxLength: 40 }), (steps) => {
    const run = new StreamRun();
    for (const step of steps) run.step(step);
    const { written, read } = run.end();
    expect(read.equals(written)).toBe(true);
  });
});

type FileStep =
  | { readonly kind: 'write' | 'read'; readonly offset: number; readonly bytes: number }
  | { readonly kind: 'sync' | 'goOn'; readonly which: number };

const FILE_BYTES = 64;

const fileStep: fc.Arbitrary<FileStep> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('write' as const, 'read' as const),
    offset: fc.nat(FILE_BYTES),
    bytes: fc.integer({ min: 0, max: 16 }),
  }),
  fc.record({
    kind: fc.constantFrom('sync' as const, 'goOn' as const, 'goOn' as const),
    which: fc.nat(1000),
  }),
);

/** A file whose calls end in an order that the steps choose; the model applies them in that order. */
class FileRun {
  readonly #file;
  readonly #append: boolean;
  readonly #loop: SlowLoop;
  readonly #all: { cb: Aiocb; step: FileStep; before: readonly Aiocb[] }[] = [];
  readonly #appended: number[] = [];
  #model = Buffer.alloc(0);
  #next = 1;

  constructor(loop: SlowLoop, append: boolean) {
    this.#loop = loop;
    this.#append = append;
    this.#file = file('', append ? 'a+' : 'r+');
  }

  step(step: FileStep): void {
    if ('bytes' in step || step.kind === 'sync') this.#submit(step);
    else if (step.kind === 'goOn') this.#goOn(step.which);
    this.#checkSyncs();
  }

  #submit(step: FileStep): void {
    const bytes = 'bytes' in step ? step.bytes : 0;
    const aio_offset = 'offset' in step ? step.offset : 0;
    const aio_buf = Buffer.alloc(bytes, step.kind === 'write' ? this.#next++ % 256 : 0);
    const cb = new Aiocb({ aio_fildes: this.#file.fd, aio_buf, aio_offset });
    const before = this.#all.map((one) => one.cb).filter((one) => aioError(one) === EINPROGRESS);
    this.#all.push({ cb, step, before });
    if (step.kind === 'sync') aioFsync(O_DSYNC, cb);
    else if (step.kind === 'write') aioWrite(cb);
    else aioRead(cb);
  }

  /** One of the held calls is made, and by the model too. */
  #goOn(which: number): void {
    const { held } = this.#loop;
    if (held.length === 0) return;
    const index = which % held.length;
    const running = this.#all.filter(({ cb }) => aioError(cb) === EINPROGRESS);
    this.#loop.goOn(index);
    const ended = running.filter(({ cb }) => aioError(cb) !== EINPROGRESS);
    expect(ended).toHaveLength(1);
    for (const { cb, step } of ended) this.#apply(cb, step);
  }

  #apply(cb: Aiocb, step: FileStep): void {
    expect(aioError(cb)).toBe(0);
    if (!('bytes' in step)) return;
    const data = cb.aio_buf as Buffer;
    if (step.kind === 'write') this.#write(data, this.#append ? this.#model.length : step.offset);
    else expect(data).toEqual(this.#read(step.offset, step.bytes));
  }

  #write(data: Buffer, offset: number): void {
    if (data.length === 0) return;
    if (this.#append) this.#appended.push(data[0] as number);
    const end = Math.max(this.#model.length, offset + data.length);
    const grown = Buffer.alloc(end);
    this.#model.copy(grown);
    data.copy(grown, offset);
    this.#model = grown;
  }

  #read(offset: number, bytes: number): Buffer {
    const found = Buffer.alloc(bytes);
    this.#model.subarray(offset, offset + bytes).copy(found);
    return found;
  }

  /** None is over before all that were queued before it. */
  #checkSyncs(): void {
    for (const { cb, step, before } of this.#all) {
      if (step.kind !== 'sync' || aioError(cb) === EINPROGRESS) continue;
      expect(before.filter((one) => aioError(one) === EINPROGRESS)).toEqual([]);
    }
  }

  end(): void {
    while (this.#loop.held.length > 0) this.#goOn(this.#loop.held.length - 1);
    this.#checkSyncs();
    expect(this.#all.map(({ cb }) => aioError(cb))).toEqual(this.#all.map(() => 0));
    expect(this.#appended).toEqual([...this.#appended].sort((a, b) => a - b));
    expect(readFileSync(this.#file.path).equals(this.#model)).toBe(true);
    close(this.#file.fd);
  }
}

function checkFile(append: boolean): void {
  check(fc.array(fileStep, { maxLength: 30 }), (steps) => {
    withSlowLoop((loop) => {
      const run = new FileRun(loop, append);
      for (const step of steps) run.step(step);
      run.end();
    });
  });
}

test(`a slow file: calls overlap, aio_fsync waits for those before it (seed ${seed})`, () => {
  checkFile(false);
});

test(`a slow file in append mode: writes keep their order (seed ${seed})`, () => {
  checkFile(true);
});
