import { expect, test } from 'vitest';
import { script } from './script.ts';

/** glibc tells a setuid by a signal that Linux has to queue; without room it tells nobody. */
test.for([
  ['sys.detach()', 'sys.detach();'],
  ['the end of the process', ''],
])(
  'ids that change while no signal can be queued are those of calls, and of %s',
  async ([, end], { skip }) => {
    skip(process.getuid?.() !== 0, 'only root can change its ids');
    const ended = await script(`
    const SIGPENDING = 11;
    const sleeps = () => Promise.all([1, 2, 3].map(() => sys.nanosleep.async(20)));
    sys.nanosleep.sync(5); // JavaScript is on another thread now
    await sleeps();
    sys.call.sync('prlimit64', 0, SIGPENDING, new BigUint64Array([0n, 0n]), null);
    process.setgroups([]);
    process.setgid(65534);
    process.setuid(65534);
    print((await sleeps()).join(' '));
    sys.nanosleep.sync(5);
    print(String(sys.call.sync('getuid') === process.getuid()));
    ${end}
  `);
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '', stdout: '0 0 0\ntrue\n' });
  },
);

test('ids that change while no signal can be queued are those of every attached thread', async ({
  skip,
}) => {
  skip(process.getuid?.() !== 0, 'only root can change its ids');
  const ended = await script(`
    const { readFileSync } = await import('node:fs');
    const SIGPENDING = 11;
    const worker = \`
      import { parentPort } from 'node:worker_threads';
      import(process.env.SYSLETS_INDEX).then(({ sys }) => {
        parentPort.on('message', async (what) => {
          if (what === 'attach') sys.nanosleep.async(600_000).catch(() => {});
          else await sys.nanosleep.async(5);
          parentPort.postMessage(what === 'attach' ? 0 : sys.call.sync('getuid'));
        });
      });
    \`;
    const start = () => new Worker(worker, { eval: true });
    const ask = async (of, what) => {
      of.postMessage(what);
      return (await once(of, 'message'))[0];
    };
    const [early, late] = [start(), start()];
    await ask(early, 'attach');
    const mine = sys.nanosleep.async(600_000).catch((error) => error.code);
    sys.call.sync('prlimit64', 0, SIGPENDING, new BigUint64Array([0n, 0n]), null);
    process.setgid(65534);
    process.setuid(65534);
    const uids = () => /^Uid:(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1].trim();
    // told is the leader by now; that it answers takes a processor
    for (let i = 0; i < 500 && uids().startsWith('0'); i++) await sys.nanosleep.async(10);
    print(uids().split('\t').join(' '));
    print(String(await ask(early, 'ids')));
    print(typeof await ask(late, 'ids')); // it attaches now, with what glibc has left it
    await Promise.all([early.terminate(), late.terminate()]);
    sys.detach();
    print(await mine);
  `);
  const stdout = '65534 65534 65534 65534\n65534\nnumber\nERR_SYSLETS_DETACHED\n';
  expect(ended).toMatchObject({ code: 0, signal: null, stderr: '', stdout });
});

test('neither threads nor signals, before the first call: a sleep holds nobody', async ({
  skip,
}) => {
  skip(process.getuid?.() !== 0, "root's own limits are none: only it can take another's away");
  const ended = await script(`
    const { spawnSync } = await import('node:child_process');
    process.setgroups([]);
    process.setgid(65534);
    process.setuid(65534);
    const limits = ['--nproc=1:', '--sigpending=0:'];
    const { status } = spawnSync('prlimit', ['--pid', String(process.pid), ...limits]);
    if (status !== 0) throw new Error('prlimit ' + status);
    sys.configure({ maxTasks: 16 });
    const sleep = () => sys.nanosleep(600_000, null, { timeoutMs: 100 });
    const codes = [sleep(), sleep(), sleep()].map((one) => one.catch((error) => error.code));
    print((await Promise.all(codes)).join(' '));
    print(String(await sys.nanosleep(20)));
  `);
  const stdout = 'ETIMEDOUT ETIMEDOUT ETIMEDOUT\n0\n';
  expect(ended).toMatchObject({ code: 0, signal: null, stderr: '', stdout });
});
