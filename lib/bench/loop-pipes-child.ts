import { read, writeSync } from 'node:fs';
import { sys } from '../posix/index.ts';
import { interleaveAsync } from './interleave.ts';
import type { Detail, Samples } from './result.ts';

/** What this process prints. */
export interface PipesOutput {
  readonly samples: Samples;
  readonly detail: Detail;
}

const PIPES = 64;
const MESSAGES = 50;
const ROUNDS = 30;
const WARM_UP = 3;

interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
}

/** Two players and two pipes: each reads from the one and answers on the other. */
interface Player {
  readonly from: Pipe;
  readonly to: Pipe;
  readonly buffer: Buffer;
  readonly serves: boolean;
}

function newPipe(): Pipe {
  const fds = new Int32Array(2);
  sys.call.sync('pipe2', fds, 0);
  return { readEnd: fds[0] as number, writeEnd: fds[1] as number };
}

function players(): Player[] {
  return Array.from({ length: PIPES / 2 }, () => {
    const [one, other] = [newPipe(), newPipe()];
    return [
      { from: one, to: other, buffer: Buffer.alloc(64), serves: true },
      { from: other, to: one, buffer: Buffer.alloc(64), serves: false },
    ];
  }).flat();
}

async function playSyslets({ from, to, buffer, serves }: Player): Promise<void> {
  if (serves) await sys.write(to.writeEnd, buffer.subarray(0, 1));
  for (let i = 0; i < MESSAGES; i++) {
    const count = await sys.read(from.readEnd, buffer);
    if (serves && i === MESSAGES - 1) return;
    await sys.write(to.writeEnd, buffer.subarray(0, count));
  }
}

function playFs({ from, to, buffer, serves }: Player): Promise<void> {
  if (serves) writeSync(to.writeEnd, buffer, 0, 1);
  return new Promise((resolve, reject) => {
    let left = MESSAGES;
    const next = () =>
      read(from.readEnd, buffer, 0, buffer.length, null, (error, count) => {
        if (error) return reject(error);
        left--;
        if (!(serves && left === 0)) writeSync(to.writeEnd, buffer, 0, count);
        if (left === 0) resolve();
        else next();
      });
    next();
  });
}

const all = players();

async function measure(play: (player: Player) => Promise<void>): Promise<number> {
  const start = performance.now();
  await Promise.all(all.map(play));
  return ((performance.now() - start) * 1e6) / (PIPES * MESSAGES);
}

const samples = await interleaveAsync(
  () => measure(playSyslets),
  () => measure(playFs),
  { rounds: ROUNDS, warmUp: WARM_UP },
);
const { handOffs, dispatches, probes, inlineBlocked, dispatchReturned, nowaitHits, wakeUps } =
  sys.counters();
const detail = {
  handOffs,
  dispatches,
  probes,
  inlineBlocked,
  dispatchReturned,
  nowaitHits,
  wakeUps,
};
process.stdout.write(JSON.stringify({ samples, detail } satisfies PipesOutput));
