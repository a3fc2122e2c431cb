import { i32 } from '../../abi/index.ts';
import { acceptable, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';

/** What Atomics.waitAsync answers; the compiler's library does not know it yet. */
type Waiting =
  | { readonly async: false; readonly value: string }
  | { readonly async: true; readonly value: Promise<string> };
type WaitAsync = (words: Int32Array, index: number, value: number) => Waiting;

const { waitAsync } = Atomics as unknown as { readonly waitAsync: WaitAsync };

export default scenario({
  name: 'wait/wait-async',
  description: 'Atomics.waitAsync: a promise is kept by a notify of another thread',
  state: { memory: sharedBuffer(4) },
  result: { answer: i32, value: i32 },
  open: ({ memory }) => new Int32Array(memory),
  actors: {
    async waiter(_state, result, words) {
      const waiting = waitAsync(words, 0, 0);
      const answer = waiting.async ? await waiting.value : waiting.value;
      result.answer = answer === 'ok' ? 1 : 2;
      result.value = Atomics.load(words, 0);
    },
    notifier(_state, _result, words) {
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
    },
  },
  outcomes: [
    acceptable('1, 1', 'the promise was kept'),
    acceptable('2, 1', 'not-equal: the word had changed before'),
    forbidden(/./, 'it went on without the new value'),
  ],
});
