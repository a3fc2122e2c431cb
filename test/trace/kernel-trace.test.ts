import { afterEach, expect, test } from 'vitest';
import { Kernel, type KernelOptions, NR } from '../../lib/kernel/index.ts';
import { type ContextTrace, TraceMemory } from '../../lib/trace/index.ts';
import { completions, Pipe } from '../kernel/pipe.ts';

let kernel: Kernel | undefined;

afterEach(() => {
  kernel?.[Symbol.dispose]();
});

function attach(trace: TraceMemory, options: KernelOptions = {}): Kernel {
  kernel = Kernel.attach({ ...options, trace });
  return kernel;
}

function whole(trace: TraceMemory): ContextTrace {
  const read = trace.read();
  if (read === undefined) throw new Error('nothing was traced');
  return read;
}

/** What each task wrote; wakes depend on who happens to sleep. */
function kinds({ tasks }: ContextTrace): Record<number, string[]> {
  return Object.fromEntries(
    tasks.map(({ task, events }) => [
      task,
      events.map(({ kind }) => kind).filter((kind) => kind !== 'wake'),
    ]),
  );
}

test('a call that does not block: enter and return, on one thread', () => {
  const trace = TraceMemory.create();
  const own = attach(trace);
  const call = own.newCall(NR.getpid).setCallerData(7n);
  call.run();
  own.detach();
  const read = whole(trace);
  expect(kinds(read)[0]).toEqual(['enter', 'return']);
  const [enter, leave] = read.tasks[0]?.events ?? [];
  expect(enter).toMatchObject({ kind: 'enter', nr: NR.getpid, data: 7n });
  expect(leave).toMatchObject({ kind: 'return', nr: NR.getpid, value: BigInt(process.pid) });
  expect(leave?.seq).toBe(enter?.seq);
  expect(leave?.ns).toBeGreaterThanOrEqual(enter?.ns ?? 0);
  expect(read).toMatchObject({ pid: process.pid, detached: true, unrecorded: 0 });
  expect(read.tasks[0]).toMatchObject({ task: 0, tid: process.pid, lost: 0 });
});

test.each(['perf', 'sampler', 'spin'] as const)(
  '%s: three calls that are handed over',
  (watcher) => {
    const trace = TraceMemory.create();
    const own = attach(trace, { watcher });
    const pipe = new Pipe(own);
    const setUp = whole(trace).tasks[0]?.events.length ?? 0;
    const read = pipe.reader(own, new Uint8Array(1));
    for (let i = 1; i <= 3; i++) {
      read.setCallerData(i).run();
      expect(read.pending).toBe(true);
      pipe.write('x');
      expect(completions(own, 1)).toEqual([[1, i]]);
    }
    pipe.close();
    own.detach();
    const { tasks, unrecorded } = whole(trace);
    const events = tasks
      .flatMap((task) => task.events.map((event) => ({ ...event, by: task.task })))
      .sort((one, other) => one.ns - other.ns);
    expect(unrecorded).toBe(0);
    expect(setUp).toBeGreaterThan(0);
    const enters = events.filter(({ kind, nr, seq }) => kind === 'enter' && nr === 0 && seq > 0);
    expect(enters.map(({ data }) => data)).toEqual([1n, 2n, 3n]);
    for (const { seq, by, data } of enters) {
      const mine = events.filter((one) => one.seq === seq && one.kind !== 'blocked');
      const order = mine.map((one) => `${one.kind} ${one.by === by}`);
      expect(order.slice(0, 1)).toEqual(['enter true']);
      expect(order.filter((one) => one.endsWith('true'))).toEqual(
        ['enter', 'return', 'completion', 'frameReturn', 'park'].map((kind) => `${kind} true`),
      );
      expect(mine.find(({ kind }) => kind === 'handOff')?.other).toBe(by);
      expect(mine.find(({ kind }) => kind === 'completion')).toMatchObject({ data, value: 1n });
      expect(events.some((one) => one.seq === seq && one.kind === 'blocked')).toBe(true);
    }
  },
);

test('without a trace nothing is written, and no memory is taken', () => {
  const trace = TraceMemory.create({ tasks: 4, events: 64 });
  kernel = Kernel.attach();
  const pipe = new Pipe(kernel);
  pipe.reader(kernel, new Uint8Array(1)).run();
  pipe.write('x');
  completions(kernel, 1);
  pipe.close();
  kernel.detach();
  expect(trace.read()).toBeUndefined();
  expect(trace.bytes.every((byte) => byte === 0)).toBe(true);
});

test('a full part keeps the newest events and says how many it lost', () => {
  const trace = TraceMemory.create({ tasks: 4, events: 16 });
  const own = attach(trace);
  const call = own.newCall(NR.getpid);
  for (let i = 0; i < 1000; i++) call.run();
  const task = whole(trace).tasks[0];
  expect(task?.events).toHaveLength(16);
  expect(task?.events.at(-1)).toMatchObject({ kind: 'return', seq: 1000 });
  expect(task?.lost).toBeGreaterThanOrEqual(2000 - 16);
  own.detach();
});

test('tasks that find no room are counted', () => {
  const trace = TraceMemory.create({ tasks: 1 });
  const own = attach(trace);
  const pipe = new Pipe(own);
  pipe.reader(own, new Uint8Array(1)).run();
  pipe.write('x');
  completions(own, 1);
  pipe.close();
  own.detach();
  const { tasks, unrecorded } = whole(trace);
  expect(tasks).toHaveLength(1);
  expect(unrecorded).toBeGreaterThanOrEqual(3);
});

test('one memory serves one context after the other', () => {
  const trace = TraceMemory.create();
  attach(trace).detach();
  const first = whole(trace).context;
  attach(trace).detach();
  expect(whole(trace).context).toBe(first + 1);
});

test('times are those of process.hrtime', () => {
  const trace = TraceMemory.create();
  const before = process.hrtime.bigint();
  const own = attach(trace);
  own.newCall(NR.getpid).run();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
  own.newCall(NR.getpid).run();
  own.detach();
  const after = process.hrtime.bigint();
  const { started, tasks } = whole(trace);
  const events = (tasks[0]?.events ?? []).filter(({ nr }) => nr === NR.getpid);
  const between = (events.at(-1)?.ns ?? 0) - (events[0]?.ns ?? 0);
  expect(started > before && started < after).toBe(true);
  expect(between).toBeGreaterThan(29e6);
  expect(between).toBeLessThan(Number(after - before));
});

test.each([
  [{ tasks: 0 }, 'tasks is 0, expected an integer from 1 to 65536'],
  [{ events: 100 }, 'events is 100, expected a power of two: 128, say'],
  [{ events: 4 }, 'events is 4, expected an integer from 8 to 4194304'],
])('TraceMemory.create(%j) is refused', (options, message) => {
  expect(() => TraceMemory.create(options)).toThrow(message);
});

test('attach refuses what is no TraceMemory', () => {
  const trace = 'memory' as unknown as TraceMemory;
  expect(() => Kernel.attach({ trace })).toThrow("trace is 'memory', expected a TraceMemory");
});
