import { describe, expect, test } from 'vitest';
import { script } from './script.ts';

/**
 * A process of nobody's whose user may have no more threads. Root's own limit is none. What `prlimit`
 * would do from outside it does itself: it could start no program any more.
 */
const HEAD = `
  if (process.getuid() === 0) {
    process.setgroups([]);
    process.setgid(65534);
    process.setuid(65534);
  }
  sys.configure({ maxTasks: 16 }); // by default it follows from the limit
  const NPROC = 6;
  const limits = new BigUint64Array(2);
  const prlimit = (to, from) => sys.call.sync('prlimit64', 0, NPROC, to, from);
  const allow = (threads) => {
    prlimit(null, limits);
    prlimit(new BigUint64Array([threads ?? limits[1], limits[1]]), null);
  };
  const told = (calls) =>
    Promise.all([...calls].map((one) => Promise.resolve(one).then(String, (error) => error.code)));
`;

/** Before the first call: not even the task is there that attach would have made. */
const MOMENTS = {
  'after the first call': `${HEAD}
    allow(1n);`,
  'before the first call': `
    import { spawnSync } from 'node:child_process';
    ${HEAD}
    {
      const { status, stderr } =
        spawnSync('prlimit', ['--pid', String(process.pid), '--nproc=1:'], { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
    }`,
};

const well = { code: 0, signal: null, stderr: '' };

describe.each(Object.entries(MOMENTS))('no further thread, %s', (_, head) => {
  test('several calls that block end at their timeouts', async () => {
    const ended = await script(`${head}
      const sleep = () => sys.nanosleep(600_000, null, { timeoutMs: 300 });
      print((await told([sleep(), sleep(), sleep(), sleep()])).join(' '));
    `);
    expect(ended).toMatchObject({ ...well, stdout: 'ETIMEDOUT ETIMEDOUT ETIMEDOUT ETIMEDOUT\n' });
  });

  test('the limit of a call goes on while it waits for its turn', async () => {
    const ended = await script(`${head}
      const start = performance.now();
      const sleep = () => sys.nanosleep.async(250);
      print((await told([sleep(), sleep(), sleep(), sleep()])).join(' '));
      print(String(performance.now() - start >= 250));
    `);
    expect(ended).toMatchObject({ ...well, stdout: '0 0 0 0\ntrue\n' });
  });

  test('sleeps, locks and polls are looked at, and hold nobody', async () => {
    const ended = await script(`${head}
      const { native } = await import(process.env.SYSLETS_INDEX.replace('index.js', 'native.js'));
      const [from, to] = pipe();
      const [LOCK_EX, LOCK_UN] = [2, 8];
      const { mkdtempSync, openSync, rmSync } = await import('node:fs');
      const folder = mkdtempSync('/tmp/syslets-lock-');
      const [first, second] = [1, 2].map(() => openSync(folder + '/lock', 'a'));
      rmSync(folder, { recursive: true });
      sys.flock.sync(first, LOCK_EX);
      const moments = native().counters().surfaced;
      const polled = new Int32Array([from, 1]); // POLLIN
      const calls = [
        ...Array.from({ length: 50 }, () => sys.nanosleep.async(30)),
        sys.flock.async(second, LOCK_EX),
        sys.call.async('poll', polled, 1, -1),
      ];
      await told(calls.slice(0, 50));
      sys.flock.sync(first, LOCK_UN);
      await sys.write(to, Buffer.from('x'));
      print([...new Set(await told(calls))].join(' '));
      const { surfaced, looks } = native().counters();
      print(surfaced - moments + ' ' + (looks > 0n));
    `);
    expect(ended).toMatchObject({ ...well, stdout: '0 1\n0 true\n' });
  });

  test('what ends the calls in flight is made, though it came after them', async () => {
    const ended = await script(`${head}
      const pipes = [pipe(), pipe(), pipe(), pipe()];
      const reads = pipes.map(([from]) =>
        sys.call('read', from, Buffer.alloc(1), 1, { timeoutMs: 20_000 }));
      const writes = pipes.map(([, to]) => sys.call('write', to, Buffer.from('x'), 1));
      print((await told(writes)).join(' '));
      print((await told(reads)).join(' '));
    `);
    expect(ended).toMatchObject({ ...well, stdout: '1 1 1 1\n1 1 1 1\n' });
  });

  test('limits of sockets are kept, whatever waits in the queue', async () => {
    const ended = await script(`${head}
      const [SOL_SOCKET, SO_RCVTIMEO, SO_SNDTIMEO, MSG_DONTWAIT] = [1, 20, 21, 0x40];
      const MS = 200;
      const pauses = [1, 2, 3, 4].map(() => sys.call.async('pause', { timeoutMs: 20_000 }));
      while (sys.counters().stalls < 2) await new Promise((tick) => setTimeout(tick, 1));
      const limited = (type, bytes) => {
        sys.call.sync('socketpair', 1, type, 0, fds);
        const [fd] = fds;
        const time = new BigInt64Array([0n, BigInt(1000 * MS)]);
        for (const option of [SO_RCVTIMEO, SO_SNDTIMEO]) {
          sys.call.sync('setsockopt', fd, SOL_SOCKET, option, time, 16);
        }
        try {
          for (;;) sys.sendto.sync(fd, bytes, MSG_DONTWAIT);
        } catch {
          return fd; // there is no room in it
        }
      };
      const bytes = Buffer.alloc(10_000);
      const begun = performance.now();
      const calls = [1, 2, 5].flatMap((type) => [
        sys.read.async(limited(type, bytes), Buffer.alloc(8)),
        sys.recvmsg.async(limited(type, bytes), { buffers: [Buffer.alloc(8)] }),
        sys.write.async(limited(type, bytes), bytes),
        sys.sendto.async(limited(type, bytes), bytes),
        sys.writev.async(limited(type, bytes), [bytes]),
        sys.sendmsg.async(limited(type, bytes), { buffers: [bytes] }),
      ]);
      print([...new Set(await told(calls))].join(' ') + ' ' + (performance.now() - begun >= MS));
      process.exit();
    `);
    expect(ended).toMatchObject({ ...well, stdout: 'EAGAIN true\n' });
  });

  test('reads of what is there are made at once, whatever waits in the queue', async () => {
    const ended = await script(`${head}
      const pauses = [1, 2, 3, 4].map(() => sys.call.async('pause', { timeoutMs: 20_000 }));
      while (sys.counters().stalls < 2) await new Promise((tick) => setTimeout(tick, 1));
      sys.call.sync('socketpair', 1, 1, 0, fds);
      const [socket, other] = fds;
      const [from, to] = pipe();
      const eight = Buffer.alloc(8);
      for (const fd of [other, to]) sys.write.sync(fd, Buffer.alloc(100));
      const results = [socket, from].flatMap((fd) =>
        [sys.read(fd, eight), sys.readv(fd, [eight, eight])]);
      results.push(sys.recvfrom(socket, eight), sys.recvmsg(socket, { buffers: [eight] }));
      print(results.join(' ')); // one that waits is a promise
      process.exit();
    `);
    expect(ended).toMatchObject({ ...well, stdout: '8 16 8 16 8 8\n' });
  });

  test('calls that may not wait are made at once, whatever waits in the queue', async () => {
    const ended = await script(`${head}
      const pauses = [1, 2, 3, 4].map(() => sys.call.async('pause', { timeoutMs: 20_000 }));
      while (sys.counters().stalls < 2) await new Promise((tick) => setTimeout(tick, 1));
      const [F_SETFL, O_NONBLOCK, SOCK_NONBLOCK] = [4, 0x800, 0x800];
      sys.call.sync('socketpair', 1, 1 | SOCK_NONBLOCK, 0, fds);
      const [socket] = fds;
      const [, to] = pipe();
      sys.fcntl.sync(to, F_SETFL, O_NONBLOCK);
      const half = Buffer.alloc(1 << 19);
      const calls = [
        () => sys.writev(to, [half, half]), () => sys.writev(to, [half, half]),
        () => sys.pwritev2(to, [half, half], -1, 0),
        () => sys.sendmsg(socket, { buffers: [half, half] }), () => sys.writev(socket, [half]),
        () => sys.call('write', socket, half, 10),
      ];
      print(calls.map((call) => { try { return call() > 0; } catch ({ code }) { return code; } }).join(' '));
      process.exit();
    `);
    const stdout = 'true EAGAIN EAGAIN true EAGAIN EAGAIN\n';
    expect(ended).toMatchObject({ ...well, stdout });
  });

  test('receives that wait for more than what comes first give all of it', async () => {
    const ended = await script(`${head}
      const [SOL_SOCKET, SO_RCVLOWAT, MSG_WAITALL] = [1, 18, 0x100];
      const ten = () => Buffer.alloc(10);
      const socket = () => (sys.call.sync('socketpair', 1, 1, 0, fds), [...fds]);
      const ends = [socket(), socket(), socket()];
      for (const [fd] of ends.slice(1)) {
        sys.call.sync('setsockopt', fd, SOL_SOCKET, SO_RCVLOWAT, new Int32Array([6]), 4);
      }
      const calls = [
        sys.recvfrom.async(ends[0][0], ten(), MSG_WAITALL),
        sys.recvmsg.async(ends[1][0], { buffers: [ten()] }),
        sys.call.async('read', ends[2][0], ten(), 10),
      ];
      for (const text of ['abcd', 'efghij']) {
        for (const [, other] of ends) sys.write.sync(other, Buffer.from(text));
        const { stalls } = sys.counters();
        while (sys.pending > 0 && sys.counters().stalls < stalls + 8) {
          await new Promise((tick) => setTimeout(tick, 5));
        }
      }
      print((await told(calls)).join(' '));
    `);
    expect(ended).toMatchObject({ ...well, stdout: '10 10 10\n' });
  });

  test('a full house lets calls that do not block be made', async () => {
    const ended = await script(`${head.replace('maxTasks: 16', 'maxTasks: 5')}
      const [from, to] = pipe();
      const reads = told([1, 2, 3, 4].map(() => sys.call('read', from, Buffer.alloc(1), 1)));
      while (sys.counters().stalls < 2) await new Promise((tick) => setTimeout(tick, 1));
      print(await sys.call.async('getpid') === process.pid);
      print((await told([1, 2, 3, 4].map(() => sys.call('write', to, Buffer.from('x'), 1)))).join(' '));
      print((await reads).join(' '));
    `);
    expect(ended).toMatchObject({ ...well, stdout: 'true\n1 1 1 1\n1 1 1 1\n' });
  });

  test('loop.wait() goes on with those that wait for their turn, while no timer runs', async () => {
    const ended = await script(`${head}
      const { Loop } = await import(process.env.SYSLETS_INDEX.replace('index.js', 'loop/index.js'));
      const pipes = [pipe(), pipe(), pipe(), pipe()];
      const reads = pipes.map(([from]) => sys.call('read', from, Buffer.alloc(1), 1));
      const writes = pipes.map(([, to]) => sys.call('write', to, Buffer.from('x'), 1));
      const [from, to] = pipe();
      const waits = sys.read.async(from, Buffer.alloc(1)); // until its descriptor is ready
      while (sys.pending > 1) Loop.running.wait();
      const last = sys.call('write', to, Buffer.from('x'), 1);
      print((await told([...reads, ...writes, waits, last])).join(' '));
    `);
    expect(ended).toMatchObject({ ...well, stdout: '1 1 1 1 1 1 1 1 1 1\n' });
  });

  test('sleeps that take long need no thread, and no warning says so', async () => {
    const ended = await script(`${head}
      print((await told([1, 2, 3, 4].map(() => sys.nanosleep.async(1500)))).join(' '));
    `);
    expect(ended).toMatchObject({ ...well, stdout: '0 0 0 0\n' });
  });

  test('a write that comes back in the middle goes on behind what it has written', async () => {
    const ended = await script(`${head}
      const [from, to] = pipe();
      const bytes = Buffer.alloc(200_000, 'x');
      const write = sys.writev.async(to, [bytes.subarray(0, 100), bytes.subarray(100)]);
      for (let left = bytes.length; left > 0; ) {
        await new Promise((tick) => setTimeout(tick, 5));
        left -= await sys.read.async(from, Buffer.alloc(9000));
      }
      print(String(await write));
    `);
    expect(ended).toMatchObject({ ...well, stdout: '200000\n' });
  });

  test('a write that ends in the middle gives what it has written', async () => {
    const ended = await script(`${head}
      const [from, to] = pipe();
      const half = Buffer.alloc(100_000, 'x');
      const written = await sys.writev.async(to, [half, half], { timeoutMs: 200 });
      print(String(written > 0 && written === await sys.read.async(from, Buffer.alloc(200_000))));
    `);
    expect(ended).toMatchObject({ ...well, stdout: 'true\n' });
  });

  /** Each gives the other end of the socket that the number names then. */
  const closes = {
    'sys.close': '(sys.close.sync(fd), reuse(fd))',
    'close by other code': '(closeSync(fd), reuse(fd))',
    dup2: '(([one, other]) => (sys.call.sync("dup2", one, fd), other))(socket())',
  };
  test.each(Object.entries(closes))(
    'what has begun goes on in no other file, after %s',
    async (_, close) => {
      const ended = await script(`${head}
      import { closeSync } from 'node:fs';
      const { native } = await import(process.env.SYSLETS_INDEX.replace('index.js', 'native.js'));
      const [MSG_DONTWAIT, MSG_WAITALL] = [0x40, 0x100];
      const tick = () => new Promise((resolve) => setTimeout(resolve, 1));
      const socket = () => (sys.call.sync('socketpair', 1, 1, 0, fds), [...fds]);
      const reuse = (fd) => {
        const pair = socket();
        return pair.includes(fd) ? pair.find((one) => one !== fd) : reuse(fd);
      };
      const all = Buffer.alloc(1_000_000);
      const take = (fd) => {
        for (let taken = 0; ; ) {
          try {
            const bytes = sys.recvfrom.sync(fd, all, MSG_DONTWAIT, null);
            if (bytes === 0) return taken;
            taken += bytes;
          } catch {
            return taken;
          }
        }
      };
      const begin = {
        write: (fd) => sys.writev.async(fd, [Buffer.alloc(1_000_000)]),
        receive: (fd, peer) => {
          sys.sendto.sync(peer, Buffer.from('abcd'), MSG_DONTWAIT, null);
          return sys.recvfrom.async(fd, Buffer.alloc(10), MSG_WAITALL, null);
        },
      };
      for (const call of [1, 2, 3, 4]) sys.call.async('pause', { timeoutMs: 20_000 }).catch(() => {});
      while (sys.counters().stalls < 2) await tick();
      for (const [name, call] of Object.entries(begin)) {
        const [fd, peer] = socket();
        const begun = call(fd, peer);
        const { looks } = native().counters();
        while (native().counters().looks < looks + 3n) await tick();
        const other = ${close};
        sys.sendto.sync(other, Buffer.from('EFGHIJ'), MSG_DONTWAIT, null);
        const result = await begun;
        const old = take(peer);
        print(name + ' ' + (result === (name === 'write' ? old : 4) && result > 0) + ' ' + take(other));
      }
      process.exit();
    `);
      expect(ended).toMatchObject({ ...well, stdout: 'write true 0\nreceive true 0\n' });
    },
  );

  /** A descriptor and a call on it that waits; and another such file, whose call would end at once. */
  const withoutName = {
    epoll_wait: {
      call: 'sys.epoll_wait.async(fd, epollEvents(10), -1)',
      open: 'epollSet(silent)',
      other: 'epollSet(ready)',
    },
    'a list of poll': {
      call: "sys.call.async('poll', new Int32Array([-1, 0, fd, 1]), 2, -1)",
      open: "sys.call.sync('dup', silent)",
      other: "sys.call.sync('dup', ready)",
    },
    'a set of select': {
      call: "sys.call.async('pselect6', fd + 1, bits(fd), null, null, null, null)",
      open: "sys.call.sync('dup', silent)",
      other: "sys.call.sync('dup', ready)",
    },
    'a set of select with a shorter view of it beside': {
      call: "(({ buffer }) => sys.call.async('pselect6', fd + 1, new Uint8Array(buffer), new Uint8Array(buffer, 0, 1), null, null, null))(new Uint8Array(bits(fd)))",
      open: "sys.call.sync('dup', silent)",
      other: "sys.call.sync('dup', ready)",
    },
    'a read of an eventfd': {
      call: "sys.call.async('read', fd, Buffer.alloc(8), 8)",
      open: "sys.call.sync('eventfd2', 0, 0)",
      other: "sys.call.sync('eventfd2', 77, 0)",
    },
  };
  test.each(Object.entries(withoutName))(
    'what has begun goes on in no other file that its descriptor or its list names later: %s',
    async (__, { call, open, other }) => {
      const ended = await script(`${head}
        import { closeSync } from 'node:fs';
        const { native } = await import(process.env.SYSLETS_INDEX.replace('index.js', 'native.js'));
        const { epollEvents } = await import(process.env.SYSLETS_INDEX);
        const tick = () => new Promise((resolve) => setTimeout(resolve, 1));
        const [[silent], [ready, to]] = [pipe(), pipe()];
        writeSync(to, 'x');
        const bits = (fd) => Buffer.alloc(128).fill(1 << (fd & 7), fd >> 3, (fd >> 3) + 1);
        const epollSet = (from) => {
          const [EPOLL_CTL_ADD, event] = [1, Buffer.alloc(16)];
          event[0] = 1;
          const set = sys.call.sync('epoll_create1', 0);
          sys.call.sync('epoll_ctl', set, EPOLL_CTL_ADD, from, event);
          return set;
        };
        for (const one of [1, 2, 3]) sys.call.async('pause', { timeoutMs: 20_000 }).catch(() => {});
        while (sys.counters().stalls < 2) await tick();
        const fd = ${open};
        const begun = ${call};
        const { surfaced } = native().counters();
        // the calls take turns, and each of them surfaces
        while (native().counters().surfaced < surfaced + 20n) await tick();
        closeSync(fd);
        const reuse = () => ${other} === fd || reuse();
        reuse();
        print((await told([begun])).join());
        process.exit();
      `);
      expect(ended).toMatchObject({ ...well, stdout: 'EBADF\n' });
    },
  );

  test('as many threads as are wanted, when there are some again', async () => {
    const ended = await script(`${head}
      const [from] = pipe();
      const abort = new AbortController();
      const { signal } = abort;
      const read = () => sys.call('read', from, Buffer.alloc(1), 1, { signal });
      const reads = told([read(), read(), read(), read(), read()]);
      allow();
      while (sys.counters().inFlight < 5) await new Promise((tick) => setTimeout(tick, 10));
      abort.abort();
      print((await reads).join(' '));
    `);
    expect(ended).toMatchObject({
      ...well,
      stdout: 'ABORT_ERR ABORT_ERR ABORT_ERR ABORT_ERR ABORT_ERR\n',
    });
  });

  test('calls that had no moment yet have threads when there are some again, and nothing ends', async () => {
    const ended = await script(`${head}
      const { mkdtempSync, rmSync } = await import('node:fs');
      const folder = mkdtempSync('/tmp/syslets-fifo-');
      const fifos = [1, 2, 3, 4].map((i) => folder + '/' + i);
      for (const fifo of fifos) sys.call.sync('mknodat', -100, fifo, 0o010600, 0);
      const open = (flags) => fifos.map((fifo) => sys.call.async('openat', -100, fifo, flags));
      const opens = [...open(0), ...open(1)]; // that EINTR leaves as they were they do not say
      allow();
      print(String((await Promise.all(opens)).every((fd) => fd > 2)));
      rmSync(folder, { recursive: true });
    `);
    expect(ended).toMatchObject({ ...well, stdout: 'true\n' });
  });

  /** `reads` take what threads there are, and nothing in flight ends. */
  const THEN_SLEEPS = (reads: number, sleeps: number) => `
    const [from, to] = pipe();
    const reads = told(Array.from({ length: ${reads} }, () =>
      sys.call('read', from, Buffer.alloc(1), 1)));
    const sleeps = told(Array.from({ length: ${sleeps} }, () => sys.nanosleep.async(200)));
    while (sys.counters().stalls < 2) await new Promise((tick) => setTimeout(tick, 1));`;

  test('calls that came back go on when a call that blocks has found a thread again', async () => {
    const ended = await script(`${head}
      const { mkdtempSync, rmSync } = await import('node:fs');
      const folder = mkdtempSync('/tmp/syslets-fifo-');
      const fifo = folder + '/fifo';
      sys.call.sync('mknodat', -100, fifo, 0o010600, 0);
      ${THEN_SLEEPS(4, 4)}
      allow();
      const reader = sys.openat.async(-100, fifo, 0);
      print((await sleeps).join(' '));
      const ends = await Promise.all([sys.openat.async(-100, fifo, 1), reader]);
      rmSync(folder, { recursive: true });
      print(String(ends.every((fd) => fd > 2)));
      await sys.write(to, Buffer.from('xxxx'));
      print((await reads).join(' '));
    `);
    expect(ended).toMatchObject({ ...well, stdout: '0 0 0 0\ntrue\n1 1 1 1\n' });
  });

  test('calls that came back have the tasks that are kept when there are threads again', async () => {
    const ended = await script(`${head}
      ${THEN_SLEEPS(11, 4)}
      allow();
      print((await sleeps).join(' '));
      await sys.write(to, Buffer.from('x'.repeat(11)));
      print([...new Set(await reads)].join(' '));
    `);
    expect(ended).toMatchObject({ ...well, stdout: '0 0 0 0\n1\n' });
  });
});

test('no further thread: a turn looks at a part of what is in the queue, not at all of it', async () => {
  const ended = await script(`${MOMENTS['after the first call']}
    const { native } = await import(process.env.SYSLETS_INDEX.replace('index.js', 'native.js'));
    const MANY = 20_000;
    const sleeps = Array.from({ length: MANY }, () => sys.nanosleep.async(600_000, null, { unref: true }));
    for (const sleep of sleeps) sleep.catch(() => {});
    let [most, looks] = [0, native().counters().looks];
    while (sys.counters().stalls < 20) {
      await new Promise((tick) => setImmediate(tick));
      const now = native().counters().looks;
      most = Math.max(most, Number(now - looks));
      looks = now;
    }
    print(most > 0 && most < sys.counters().waiting / 2 ? 'a part' : most + ' of ' + MANY);
    process.exit();
  `);
  expect(ended).toMatchObject({ ...well, stdout: 'a part\n' });
});

/** A worker whose JavaScript is held by calls that it waits for; the OS thread has to end all the same. */
const HELD = {
  'the form that waits': `sys.call.sync('read', from, Buffer.alloc(1), 1)`,
  'the kernel side alone': `
    kernel.newCall(NR.read).setArgs(from, new Uint8Array(new SharedArrayBuffer(1)), 1).run()`,
  'a raw call': `{
    const call = kernel.newCall(NR.read).setArgs(from, new Uint8Array(new SharedArrayBuffer(1)), 1);
    const at = native().addressOf(kernel.blocks) + BigInt(128 * call.slot);
    kernel.indirect(at, at + 56n, 32);
  }`,
};

const WORKER = `
  const { workerData: from, parentPort } = require('node:worker_threads');
  const { SYSLETS_INDEX } = process.env;
  const loading = [SYSLETS_INDEX, SYSLETS_INDEX.replace('index.js', 'native.js')];
  Promise.all(loading.map((file) => import(file))).then(([{ sys, Kernel, NR }, { native }]) => {
    const kernel = KERNEL;
    parentPort.once('message', () => {
      parentPort.postMessage('begins');
      for (;;) CALL;
    });
    parentPort.postMessage('ready');
  });
`;

describe.each(Object.entries(HELD))('no further thread, a worker in %s', (form, call) => {
  const worker = WORKER.replace(
    'KERNEL',
    form === 'the form that waits' ? 'undefined' : 'Kernel.attach()',
  ).replace('CALL', call);
  const start = `
    ${HEAD}
    const [from] = pipe();
    const worker = new Worker(${JSON.stringify(worker)}, { eval: true, execArgv: [], workerData: from });
    await once(worker, 'message');
    allow(1n);
    worker.postMessage('go');
    await once(worker, 'message');
    await new Promise((later) => setTimeout(later, 200));
  `;

  test('terminate() ends it', async () => {
    const ended = await script(`${start}
      print(String(await worker.terminate()));
    `);
    expect(ended).toMatchObject({ ...well, stdout: '1\n' });
  });

  test('process.exit() ends it', async () => {
    const ended = await script(`${start}
      process.exit(7);
    `);
    expect(ended).toMatchObject({ code: 7, signal: null, stderr: '' });
  });
});
