// A thread of the loop by hand that stress-rate measures.
import { workerData } from 'node:worker_threads';
import { pinThread } from '../stress/pin.ts';
import { type HandLoop, loopByHand, type Meeting } from './by-hand.ts';
import { A, type Words } from './flawed.ts';

export interface TurnsThread extends Omit<HandLoop, 'race' | 'onWrong'> {
  readonly how: Meeting;
  readonly actors: number;
  readonly cpus: readonly number[];
}

/** Waits for its turn, and gives it to the next. */
function turnOf(own: number, how: Meeting): (words: Words) => boolean {
  const isWaiting = how === 'wait';
  return (words) => {
    for (let now = Atomics.load(words, A); now !== own; now = Atomics.load(words, A)) {
      if (isWaiting) Atomics.wait(words, A, now);
    }
    Atomics.store(words, A, own + 1);
    if (isWaiting) Atomics.notify(words, A);
    return false;
  };
}

const { how, actors, cpus, ...loop } = workerData as TurnsThread;
pinThread(cpus);
const threads = Array.from({ length: actors }, (_, own) => turnOf(own, how));
loopByHand({ ...loop, race: { threads }, onWrong: () => undefined });
