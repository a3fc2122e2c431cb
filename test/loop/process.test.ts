import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { script } from './script.ts';

const well = { code: 0, signal: null, stderr: '' };

test('a process that has made calls and waits for none exits', async () => {
  const ended = await script(`
    const [from, to] = pipe();
    const reading = sys.read(from, Buffer.alloc(1));
    writeSync(to, 'x');
    print(String(await reading));
  `);
  expect(ended).toMatchObject({ ...well, stdout: '1\n' });
});

test('a pending call keeps the process alive', async () => {
  const ended = await script(`
    sys.nanosleep.async(300).then((result) => print('slept ' + result));
  `);
  expect(ended).toMatchObject({ ...well, stdout: 'slept 0\n' });
});

test('a pending call with unref does not, and its data are not lost to others', async () => {
  const ended = await script(`
    const [from] = pipe();
    sys.read.async(from, Buffer.alloc(1), { unref: true }).catch((error) => print(error.code));
    print(String(sys.pending));
  `);
  expect(ended).toMatchObject({ ...well, stdout: '1\nERR_SYSLETS_DETACHED\n' });
});

test('a call with unref completes while something else keeps the process alive', async () => {
  const ended = await script(`
    const [from, to] = pipe();
    const alive = setInterval(() => {}, 1000);
    sys.read.async(from, Buffer.alloc(1), { unref: true })
      .then((count) => (print(count), clearInterval(alive)));
    setTimeout(() => writeSync(to, 'x'), 20);
  `);
  expect(ended).toMatchObject({ ...well, stdout: '1\n' });
});

test('a call that waits for its descriptor keeps the process alive, without unref', async () => {
  const source = (options: string) => `
    const [from, to] = pipe();
    sys.read.async(from, Buffer.alloc(1), ${options}).then(print, (error) => print(error.code));
    const { awaitingReadiness, inFlight } = sys.counters();
    print([awaitingReadiness, inFlight].join());
    setTimeout(() => writeSync(to, 'x'), 20).unref();
  `;
  expect(await script(source('{}'))).toMatchObject({ ...well, stdout: '1,0\n1\n' });
  const ended = await script(source('{ unref: true }'));
  expect(ended).toMatchObject({ ...well, stdout: '1,0\nERR_SYSLETS_DETACHED\n' });
});

test('500 calls that wait for their descriptors have no further descriptors', async () => {
  const ended = await script(`
    const { readdirSync } = await import('node:fs');
    const open = () => readdirSync('/proc/self/fd').length;
    const [first, ...pipes] = Array.from({ length: 501 }, pipe);
    const read = ([from]) => sys.read.async(from, Buffer.alloc(1));
    const reading = read(first); // the loop has its own descriptors now
    const before = open();
    const reads = pipes.map(read);
    const few = () => Math.abs(open() - before) < 20; // Node has some of its own for a moment
    print([sys.counters().awaitingReadiness, few()].join());
    for (const [, to] of [first, ...pipes]) writeSync(to, 'x');
    await Promise.all([reading, ...reads]);
    print(String(few()));
  `);
  expect(ended).toMatchObject({ ...well, stdout: '501,true\ntrue\n' });
});

test('unref holds for the timer of a timeout too', async () => {
  const ended = await script(`
    const [from] = pipe();
    const options = { unref: true, timeoutMs: 600_000 };
    sys.read.async(from, Buffer.alloc(1), options).catch((error) => print(error.code));
  `);
  expect(ended).toMatchObject({ ...well, stdout: 'ERR_SYSLETS_DETACHED\n' });
});

test('options of a call that was aborted before are not those of the next one', async () => {
  const ended = await script(`
    const options = { unref: true, signal: AbortSignal.abort() };
    await sys.nanosleep.async(1, null, options).catch((error) => print(error.code));
    sys.nanosleep.async(300).then((result) => print('slept ' + result));
  `);
  expect(ended).toMatchObject({ ...well, stdout: 'ABORT_ERR\nslept 0\n' });
});

test('1,000 promises that nobody awaits: no leak, no unhandled rejection, and the process exits', async () => {
  const ended = await script(`
    const [from, to] = pipe();
    for (let i = 0; i < 1000; i++) sys.read(from, Buffer.alloc(1));
    const before = sys.pending;
    sys.write(to, Buffer.alloc(1000));
    process.on('beforeExit', () => {
      print([before, sys.pending, sys.counters().inFlight, sys.counters().waiting].join(' '));
    });
  `);
  expect(ended).toMatchObject({ ...well, stdout: '1000 0 0 0\n' });
});

test('an error that nobody handles is an unhandled rejection, once', async () => {
  const ended = await script(`
    let count = 0;
    process.on('unhandledRejection', (error) => {
      count++;
      print(error.code);
    });
    const signal = AbortSignal.timeout(20);
    for (let i = 0; i < 1000; i++) sys.nanosleep(5);
    sys.nanosleep(60_000, null, { signal });
    sys.nanosleep.async(60_000, null, { signal }).catch(() => {});
    process.on('exit', () => print(String(count)));
  `);
  expect(ended).toMatchObject({ ...well, stdout: 'ABORT_ERR\n1\n' });
});

test('a process that ends by process.exit() or by an error has its pending calls rejected', async () => {
  const source = (end: string) => `
    const [from] = pipe();
    const reading = sys.read.async(from, Buffer.alloc(1));
    reading.catch(() => {});
    process.on('exit', () => print(inspect(reading).includes('<rejected> DetachedError')));
    setTimeout(() => { ${end} }, 20);
  `;
  expect(await script(source('process.exit(3)'))).toMatchObject({
    code: 3,
    signal: null,
    stdout: 'true\n',
  });
  expect(await script(source('throw new Error("bug")'))).toMatchObject({
    code: 1,
    stdout: 'true\n',
  });
});

const WORKER = fileURLToPath(new URL('ending-worker.mjs', import.meta.url));

// After process.exit() and after an error Node runs no reactions of promises any more
test.each([
  ['exit', 3, '20 rejected\n'],
  ['error', 1, '20 rejected\n'],
  ['nothing left', 0, '20 rejected\nhandlers ran\n'],
])('a worker that ends by %s with promises pending: they reject', async (how, code, printed) => {
  const ended = await script(`
    const thread = new Worker('${WORKER}', { execArgv: [], workerData: '${how}' });
    thread.on('error', (error) => error.message === 'bug' || print(error.stack));
    thread.on('exit', (status) => print(String(status)));
  `);
  expect(ended).toMatchObject({ ...well, stdout: `${printed}${code}\n` });
});

test('a worker that is terminated with calls pending, again and again', async () => {
  const ended = await script(`
    for (let i = 0; i < 5; i++) {
      const thread = new Worker('${WORKER}', { execArgv: [], workerData: 'wait' });
      await once(thread, 'message');
      await thread.terminate();
    }
    print('ended');
  `);
  expect(ended).toMatchObject({ ...well, stdout: 'ended\n' });
});
