import { once } from 'node:events';
import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { constants, NR } from '../../lib/kernel/index.ts';
import { sys } from '../../lib/posix/index.ts';
import { newSocketPair } from '../posix/pipes.ts';
import { script } from './script.ts';

// Writes that wait for room in a Unix socket: poll does not tell all that ends them.

const MIB = 1 << 20;
const turn = () => new Promise((resolve) => setImmediate(resolve));
const code = (error: NodeJS.ErrnoException) => error.code;

afterEach(() => {
  sys.detach();
  sys.configure({});
});

/** Poll says nothing of most of these. Which end, and how: shutdown, or a close. */
const ENDS = {
  'the other side reads no more': [1, 0],
  'this side writes no more': [0, 1],
  'the other side is closed': [1, undefined],
} as const;
const TYPES = { STREAM: 1, DGRAM: 2, SEQPACKET: 5 };
const CALLS = {
  write: (fd: number, bytes: Buffer) => sys.write.async(fd, bytes),
  sendto: (fd: number, bytes: Buffer) => sys.sendto.async(fd, bytes),
  writev: (fd: number, bytes: Buffer) => sys.writev.async(fd, [bytes]),
  sendmsg: (fd: number, bytes: Buffer) => sys.sendmsg.async(fd, { buffers: [bytes] }),
};
const PLAIN = `
  const { workerData: { fd, bytes }, parentPort } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  const write = () => { try { return writeSync(fd, bytes); } catch ({ code }) { return code; } };
  parentPort.postMessage('begins');
  parentPort.postMessage([write(), write(), write()]);
`;

function end(ends: readonly number[], [which, how]: (typeof ENDS)[keyof typeof ENDS]): void {
  if (how === undefined) closeSync(ends[which] as number);
  else sys.call.sync('shutdown', ends[which] as number, how);
}

/** There is no room for another one. */
function fill(fd: number, bytes: Buffer): void {
  for (let isFull = false; !isFull; ) {
    try {
      sys.sendto.sync(fd, bytes, constants.MSG_DONTWAIT);
    } catch {
      isFull = true;
    }
  }
}

/** Some thread of this process sleeps in write(fd). */
const sleepsIn = (fd: number) =>
  readdirSync('/proc/self/task').some((task) => {
    try {
      const call = readFileSync(`/proc/self/task/${task}/syscall`, 'utf8');
      return call.startsWith(`${NR.write} 0x${fd.toString(16)} `);
    } catch {
      return false; // it has ended
    }
  });

/** What three writes give that a thread of its own makes. */
async function plainEnds(type: number, how: (typeof ENDS)[keyof typeof ENDS], bytes: Buffer) {
  const ends = newSocketPair(type);
  fill(ends[0], bytes);
  const worker = new Worker(PLAIN, {
    eval: true,
    execArgv: [],
    workerData: { fd: ends[0], bytes },
  });
  await once(worker, 'message');
  while (!sleepsIn(ends[0])) await turn();
  end(ends, how);
  const [results] = await once(worker, 'message');
  for (const fd of how[1] === undefined ? [ends[0]] : ends) closeSync(fd);
  return results;
}

describe.each(Object.entries(TYPES))('Unix sockets, %s', (name, type) => {
  // Linux does not tell a datagram's sender who waits that the other side reads no more
  const all = Object.entries(ENDS).filter(
    ([, [which, how]]) => type !== 2 || which !== 1 || how !== 0,
  );
  test.each(
    all.flatMap(([what, how]) => Object.keys(CALLS).map((call) => [what, call, how] as const)),
  )('%s: three that wait for room end as blocking ones do, %s', async (_, call, how) => {
    const bytes = Buffer.alloc(name === 'STREAM' ? MIB : 30_000);
    const expected = await plainEnds(type, how, bytes);
    const ends = newSocketPair(type);
    fill(ends[0], bytes);
    const make = CALLS[call as keyof typeof CALLS];
    const writes = [1, 2, 3].map(() => make(ends[0], bytes).catch(code));
    while (sys.counters().awaitingReadiness < 2) await turn(); // the first may have a thread
    end(ends, how);
    expect(await Promise.all(writes)).toEqual(expected);
    for (const fd of how[1] === undefined ? [ends[0]] : ends) closeSync(fd);
  });
});

test('a write that has written nothing raises SIGPIPE, one that ends with a part does not', async () => {
  const ended = await script(`
    import { readdirSync, readFileSync } from 'node:fs';
    const [SIGPIPE, MSG_DONTWAIT, SHUT_RD] = [13, 0x40, 0];
    const raised = () => readdirSync('/proc/self/task').some((task) => {
      let status = '';
      try {
        status = readFileSync('/proc/self/task/' + task + '/status', 'utf8');
      } catch {} // it has ended
      const pending = /SigPnd:\\s*(\\w+)/.exec(status)?.[1] ?? '0';
      return (Number('0x' + pending) & (1 << (SIGPIPE - 1))) !== 0;
    });
    const write = async (isFull) => {
      sys.call.sync('socketpair', 1, 1, 0, fds);
      const [to, from] = fds;
      const bytes = Buffer.alloc(1 << 20);
      for (let left = isFull; left;) {
        try {
          sys.sendto.sync(to, bytes, MSG_DONTWAIT);
        } catch {
          left = false;
        }
      }
      const written = sys.write.async(to, bytes).then((count) => count > 0, (error) => error.code);
      while (sys.counters().awaitingReadiness < 1) await new Promise((tick) => setTimeout(tick, 1));
      sys.call.sync('shutdown', from, SHUT_RD);
      print(await written + ' ' + raised());
    };
    await write(false);
    await write(true);
  `);
  expect(ended).toMatchObject({ code: 0, stderr: '', stdout: 'true false\nEPIPE true\n' });
});

/** They have no thread after it has been tried more often than a call is made in vain. */
const AUDITS = 6;
const later = () => new Promise((tick) => setTimeout(tick, 1000));

/** Calls like it have blocked before, so that it waits from the beginning. */
async function waitingWrite(make: (typeof CALLS)[keyof typeof CALLS]) {
  const ends = newSocketPair();
  const bytes = Buffer.alloc(MIB);
  for (let round = 0; round < 3; round++) {
    const write = make(ends[0], bytes);
    for (let left = MIB; left > 0; ) left -= await sys.read.async(ends[1], bytes);
    await write;
  }
  fill(ends[0], bytes);
  return { ends, write: make(ends[0], bytes).catch(code) };
}

test('writes of every kind that wait for room for long need no thread, though poll may not tell', async () => {
  const all = Object.values(CALLS);
  const waiting = await Promise.all(all.map(waitingWrite));
  for (let i = 0; i < AUDITS; i++) await later();
  while (sys.counters().awaitingReadiness < all.length) await turn(); // it never is if one has a thread
  for (const { ends } of waiting) closeSync(ends[1]);
  const results = await Promise.all(waiting.map(({ write }) => write));
  expect(results).toEqual(all.map(() => 'ECONNRESET'));
  for (const { ends } of waiting) closeSync(ends[0]);
});
