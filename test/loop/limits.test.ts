import { expect, test } from 'vitest';
import { script } from './script.ts';

// 40 threads of a user who has no others, whatever runs beside: Node's own are a dozen
const USER = 20_000 + (process.pid % 40_000);
const LIMITED = `
  const RLIMIT_NPROC = 6;
  sys.call.sync('prlimit64', 0, RLIMIT_NPROC, new BigUint64Array([40n, 40n]), 0);
  sys.detach();
  if (process.getuid() === 0) process.setuid(${USER});
`;

test('the thread limit: a hundred calls that block under RLIMIT_NPROC 40 all end, in a queue', async () => {
  const ended = await script(`${LIMITED}
    const [from, to] = pipe();
    let done = 0;
    const reads = Array.from({ length: 100 }, () =>
      sys.call.async('read', from, Buffer.alloc(1), 1).then((count) => { done += count; }));
    const { inFlight, waiting } = sys.counters();
    print(JSON.stringify({ inFlight: inFlight > 4 && inFlight <= 18, all: inFlight + waiting }));
    for (let i = 0; i < 100; i++) {
      await sys.write(to, Buffer.from('x'));
      if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(reads);
    print(String(done));
  `);
  expect(ended).toMatchObject({
    code: 0,
    signal: null,
    stderr: '',
    stdout: '{"inFlight":true,"all":100}\n100\n',
  });
});

test('RLIMIT_SIGPENDING used up: timeoutMs and abort have their effect, and the process ends', async () => {
  const ended = await script(`
    const RLIMIT_SIGPENDING = 11;
    if (process.getuid() === 0) {
      process.setgroups([]);
      process.setgid(65534);
      process.setuid(65534);
    }
    // the limit is the user's: another process of the user that uses it up has the same effect
    sys.call.sync('prlimit64', 0, RLIMIT_SIGPENDING, new BigUint64Array([0n, 0n]), 0);
    const [from] = pipe();
    const tell = (error) => print(error.name);
    await sys.read.async(from, Buffer.alloc(1), { timeoutMs: 20 }).catch(tell);
    const abort = new AbortController();
    const reading = sys.read.async(from, Buffer.alloc(1), { signal: abort.signal }).catch(tell);
    setTimeout(() => abort.abort(), 5);
    await reading;
    sys.read.async(from, Buffer.alloc(1)).catch(() => undefined);
    process.on('exit', () => print('exit'));
    process.exit(0);
  `);
  expect(ended).toMatchObject({
    code: 0,
    signal: null,
    stderr: '',
    stdout: 'TimeoutError\nAbortError\nexit\n',
  });
});

test('no descriptor for the event loop: the first call says so, and later ones work', async () => {
  const ended = await script(`
    import { openSync, closeSync } from 'node:fs';
    const RLIMIT_NOFILE = 7;
    sys.call.sync('prlimit64', 0, RLIMIT_NOFILE, new BigUint64Array([64n, 64n]), 0);
    const [from, to] = pipe();
    sys.detach();
    const held = [];
    try {
      for (;;) held.push(openSync('/dev/null'));
    } catch {}
    const call = () => sys.read.async(from, Buffer.alloc(1));
    await call().then(print, ({ code }) => print(code));
    for (const fd of held) closeSync(fd);
    const reading = call();
    print(JSON.stringify(sys.counters().awaitingReadiness));
    writeSync(to, 'x');
    print(String(await reading));
  `);
  expect(ended).toMatchObject({ code: 0, signal: null, stderr: '', stdout: 'EMFILE\n1\n1\n' });
});

test('two descriptors are enough to attach, and with fewer it says how many it needs', async () => {
  const ended = await script(`
    const { spawnSync } = await import('node:child_process');
    const { closeSync, openSync } = await import('node:fs');
    const { native } = await import(process.env.SYSLETS_INDEX.replace('index.js', 'native.js'));
    native();
    spawnSync('prlimit', ['--pid', String(process.pid), '--nofile=64:64']);
    const open = [];
    try {
      for (;;) open.push(openSync('/dev/null'));
    } catch ({ code }) {
      print(code);
    }
    const sleep = async () => {
      try {
        return String(await sys.nanosleep(5));
      } catch ({ code, message }) {
        return code + ': ' + message;
      }
    };
    const advice = /^EMFILE: .*needs 2 free descriptors.*ulimit -n/;
    print(String(advice.test(await sleep())));
    closeSync(open.pop());
    print(String(advice.test(await sleep())));
    closeSync(open.pop());
    print(await sleep());
  `);
  expect(ended).toMatchObject({ code: 0, stderr: '', stdout: 'EMFILE\ntrue\ntrue\n0\n' });
});
