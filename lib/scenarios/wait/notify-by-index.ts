import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

const PATIENCE_MS = 2;

export default scenario({
  name: 'wait/notify-by-index',
  description: 'A notify on one word wakes no waiter on the word beside it',
  state: { first: atomic(i32), second: atomic(i32) },
  result: { first: i32, second: i32 },
  actors: {
    first(state, result) {
      result.first = state.first.wait(0) === 'timed-out' ? 0 : 1;
    },
    second(state, result) {
      result.second = state.second.wait(0, PATIENCE_MS) === 'timed-out' ? 0 : 1;
    },
    notifier(state) {
      state.first.store(1);
      state.first.notify();
    },
  },
  outcomes: [
    acceptable('1, 0', 'the first went on, the second waited until its limit'),
    forbidden(/, 1$/, 'the second was woken by a notify on another word'),
  ],
});
