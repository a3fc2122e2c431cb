import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { sys } from '../../lib/posix/index.ts';
import { newPipe } from '../posix/pipes.ts';

afterEach(() => {
  sys.detach();
  sys.configure({});
});

type Step =
  | { readonly kind: 'read'; readonly bytes: number }
  | { readonly kind: 'abort'; readonly which: number }
  | { readonly kind: 'timed'; readonly ms: number }
  | { readonly kind: 'write'; readonly bytes: number }
  | { readonly kind: 'turn' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('read' as const), bytes: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant('abort' as const), which: fc.nat(20) }),
  fc.record({ kind: fc.constant('timed' as const), ms: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('write' as const), bytes: fc.integer({ min: 1, max: 9 }) }),
  fc.constant({ kind: 'turn' as const }),
);

type Read = (
  fd: number,
  buffer: Buffer,
  options: { signal: AbortSignal; timeoutMs?: number },
) => Promise<number>;

/** Sequence numbers as bytes: what was read, in whatever calls, is what was written. */
class Play {
  readonly #call: Read;
  readonly #pipe = newPipe();
  readonly #controllers: AbortController[] = [];
  readonly #ends: Promise<void>[] = [];
  readonly #got: number[] = [];
  readonly #others: string[] = [];
  #next = 0;

  constructor(read: Read) {
    this.#call = read;
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const one of steps) await this.#take(one);
    await this.#finish();
  }

  async #take(one: Step): Promise<void> {
    if (one.kind === 'read') this.#read(one.bytes, undefined);
    else if (one.kind === 'timed') this.#read(4, one.ms);
    else if (one.kind === 'abort') this.#controllers[one.which]?.abort();
    else if (one.kind === 'write') this.#write(one.bytes);
    else await new Promise((resolve) => setImmediate(resolve));
  }

  #read(bytes: number, timeoutMs: number | undefined): void {
    const controller = new AbortController();
    const buffer = Buffer.alloc(bytes);
    this.#controllers.push(controller);
    const { signal } = controller;
    const options = timeoutMs === undefined ? { signal } : { signal, timeoutMs };
    const reading = this.#call(this.#pipe.readEnd, buffer, options);
    this.#ends.push(
      reading.then(
        (count) => void this.#got.push(...buffer.subarray(0, count)),
        (error: NodeJS.ErrnoException) => void this.#others.push(error.code ?? error.message),
      ),
    );
  }

  #write(bytes: number): void {
    const buffer = Buffer.from(Array.from({ length: bytes }, () => this.#next++ % 256));
    expect(sys.write.sync(this.#pipe.writeEnd, buffer)).toBe(bytes);
  }

  async #finish(): Promise<void> {
    for (const controller of this.#controllers) controller.abort();
    await Promise.all(this.#ends);
    this.#write(1);
    const rest = Buffer.alloc(4096);
    const count = sys.read.sync(this.#pipe.readEnd, rest);
    this.#got.push(...rest.subarray(0, count));
    this.#pipe.close();
    const written = Array.from({ length: this.#next }, (_, i) => i % 256);
    // calls end in any order: each byte came once
    const sorted = (list: readonly number[]) => [...list].sort((a, b) => a - b);
    expect(sorted(this.#got)).toEqual(sorted(written));
    expect(this.#others.every((code) => code === 'ABORT_ERR' || code === 'ETIMEDOUT')).toBe(true);
    expect(sys.pending).toBe(0);
  }
}

/** By threads alone: it asks nobody first, and waits for no descriptor. */
const threads: Read = (fd, buffer, options) =>
  sys.call.async('read', fd, buffer, buffer.length, options);

// fast-check prints the seed of a run that fails
test.each([
  ['waits for the descriptor', {}, sys.read.async],
  ['as many tasks as there may be', {}, threads],
  ['six tasks and a queue', { maxTasks: 6 }, threads],
  ['hand-offs alone', { predict: false }, sys.read.async],
] as const)(
  'random reads, aborts and timeouts: no byte is lost or read twice (%s)',
  async (_name, options, read) => {
    sys.configure(options);
    const steps = fc.array(step, { minLength: 5, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(steps, (list) => new Play(read).run(list)),
      { numRuns: 60, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false },
    );
  },
);
