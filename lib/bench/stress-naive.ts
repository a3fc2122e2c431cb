import { Worker } from 'node:worker_threads';

/** Words that two plain workers meet by, and the two fields that they race for. */
const SETUP = `
  const { workerData, parentPort } = require('node:worker_threads');
  const { words, ms } = workerData;
  const GO = 0, DONE = 16, X = 32, Y = 48, STOP = 64;
`;

/** What one would write by hand: both meet by Atomics.wait for each sample. */
const LEFT = `${SETUP}
  const counts = {};
  const end = performance.now() + ms;
  let samples = 0;
  for (; performance.now() < end; samples++) {
    words[X] = 0;
    words[Y] = 0;
    Atomics.store(words, GO, samples + 1);
    Atomics.notify(words, GO);
    LEFT_BODY
    while (Atomics.load(words, DONE) === samples) Atomics.wait(words, DONE, samples);
    const outcome = OUTCOME;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  Atomics.store(words, STOP, 1);
  Atomics.store(words, GO, samples + 1);
  Atomics.notify(words, GO);
  parentPort.postMessage({ samples, counts });
`;

const RIGHT = `${SETUP}
  for (let sample = 0; ; sample++) {
    // a late notify of the sample before would end one wait alone
    while (Atomics.load(words, GO) === sample) Atomics.wait(words, GO, sample);
    if (Atomics.load(words, STOP) === 1) break;
    RIGHT_BODY
    Atomics.store(words, DONE, sample + 1);
    Atomics.notify(words, DONE);
  }
`;

/** A race of two threads as text: `words[X]` and `words[Y]` are its fields. */
export interface NaiveRace {
  readonly left: string;
  readonly right: string;
  /** An expression of what was seen. */
  readonly outcome: string;
}

export const naiveSb: NaiveRace = {
  left: 'words[X] = 1; const r1 = words[Y];',
  right: 'words[Y] = 1; words[80] = words[X];',
  outcome: "r1 + ', ' + words[80]",
};

export const naiveIncrement: NaiveRace = {
  left: 'words[X] = words[X] + 1;',
  right: 'words[X] = words[X] + 1;',
  outcome: 'words[X]',
};

export interface NaiveResult {
  readonly samples: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** Runs a race in two plain workers for `ms`. */
export async function runNaive(race: NaiveRace, ms: number): Promise<NaiveResult> {
  const words = new Int32Array(new SharedArrayBuffer(96 * 4));
  const options = { eval: true, workerData: { words, ms } };
  const right = new Worker(RIGHT.replace('RIGHT_BODY', race.right), options);
  const text = LEFT.replace('LEFT_BODY', race.left).replace('OUTCOME', race.outcome);
  const left = new Worker(text, options);
  const result = await new Promise<NaiveResult>((resolve) => left.once('message', resolve));
  await Promise.all([left.terminate(), right.terminate()]);
  return result;
}
