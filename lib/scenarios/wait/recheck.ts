import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'wait/recheck',
  description: 'Atomics.wait in a loop that looks again: a notify for another reason does no harm',
  state: { turn: atomic(i32), ready: atomic(i32) },
  result: { ready: i32 },
  actors: {
    waiter(state, result) {
      while (state.ready.load() === 0) state.turn.wait(0);
      result.ready = state.ready.load();
    },
    notifier(state) {
      state.ready.store(1);
      state.turn.store(1);
      state.turn.notify();
    },
    other(state) {
      state.turn.notify();
    },
  },
  outcomes: [
    acceptable('1', 'it was ready when the waiter went on'),
    forbidden('0', 'the waiter left its loop and was not ready'),
  ],
});
