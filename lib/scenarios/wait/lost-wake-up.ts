import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, interesting, scenario } from '../../scenario/index.ts';

/** Long against a notify, short against a test. */
const PATIENCE_MS = 20;

export default scenario({
  name: 'wait/lost-wake-up',
  description: 'The word that is waited on does not change, so a notify before the wait is lost',
  state: { ready: atomic(i32), signal: atomic(i32) },
  result: { waited: i32, lost: i32 },
  actors: {
    waiter(state, result) {
      if (state.ready.load() === 1) return;
      result.waited = 1;
      // between the load above and the wait, the notify goes by
      if (state.signal.wait(0, PATIENCE_MS) === 'timed-out') result.lost = 1;
    },
    notifier(state) {
      state.ready.store(1);
      state.signal.notify();
    },
  },
  outcomes: [
    acceptable('0, 0', 'it was ready before anybody waited'),
    acceptable('1, 0', 'the notify came in time'),
    interesting(
      '1, 1',
      'lost: Atomics.wait looks at one word, and this one says nothing of being ready. Store into the word that is waited on, before notify (wait/hand-over)',
    ),
  ],
});
