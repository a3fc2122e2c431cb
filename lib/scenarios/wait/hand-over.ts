import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'wait/hand-over',
  description: 'The word that is waited on changes before the notify: no wake-up can be lost',
  state: { data: i32, ready: atomic(i32) },
  result: { answer: i32, data: i32 },
  actors: {
    waiter(state, result) {
      // without a limit: a wake-up that is lost shows as a trial that hangs
      const answer = state.ready.wait(0);
      result.answer = answer === 'ok' ? 1 : 2;
      result.data = state.data;
    },
    notifier(state) {
      state.data = 7;
      state.ready.store(1);
      state.ready.notify();
    },
  },
  outcomes: [
    acceptable('1, 7', 'woken'),
    acceptable(
      '2, 7',
      "not-equal: it was ready before the wait, which looks again in notify's order",
    ),
    forbidden(/./, 'it went on without the data'),
  ],
});
