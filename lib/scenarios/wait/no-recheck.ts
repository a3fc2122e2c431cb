import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'wait/no-recheck',
  description: 'Atomics.wait without a loop: a woken thread takes any notify for its own',
  state: { turn: atomic(i32), ready: atomic(i32) },
  result: { ready: i32 },
  actors: {
    waiter(state, result) {
      if (state.ready.load() === 0) state.turn.wait(0);
      result.ready = state.ready.load();
    },
    notifier(state) {
      state.ready.store(1);
      state.turn.store(1);
      state.turn.notify();
    },
    // notifies on the same word for a reason of its own, as every other user of it may
    other(state) {
      state.turn.notify();
    },
  },
  outcomes: [
    acceptable('1', 'it was ready when the waiter went on'),
    interesting(
      '0',
      'woken, and not ready: "ok" says that there was a notify, not why. Look again in a loop (wait/recheck); this is no bug of the engine',
    ),
  ],
});
