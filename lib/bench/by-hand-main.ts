// by-hand-main.js NAME [spin|wait]: the race of that name, until it is seen. One would write a file
// like this for it. Exit 1 when it was seen.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { CONTROL_WORDS, type HandLoop, loopByHand, type Meeting } from './by-hand.ts';
import { handRaces } from './by-hand-races.ts';
import { WORDS } from './flawed.ts';

const file = new URL(import.meta.url);

function start(name: string, meeting: Meeting): void {
  const threads = handRaces[name]?.threads ?? [];
  const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  const control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
  for (const thread of threads.keys()) {
    const worker = new Worker(file, { workerData: { name, thread, words, control, meeting } });
    worker.once('message', (text: string) => {
      process.stdout.write(`${text}\n`);
      process.exit(1);
    });
  }
}

function work(): void {
  const { name, ...loop } = workerData as Omit<HandLoop, 'race' | 'onWrong'> & { name: string };
  const race = handRaces[name] as HandLoop['race'];
  loopByHand({ ...loop, race, onWrong: () => parentPort?.postMessage(`wrong: ${name}`) });
}

if (isMainThread) start(process.argv[2] ?? '', (process.argv[3] ?? 'spin') as Meeting);
else work();
