import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'wait/notify-count',
  description: 'notify(1) wakes one waiter: two notifies wake two, and never one of them twice',
  state: { word: atomic(i32), woken: atomic(i32) },
  result: { woken: i32, told: i32 },
  actors: {
    first(state) {
      if (state.word.wait(0) === 'ok') state.woken.add(1);
    },
    second(state) {
      if (state.word.wait(0) === 'ok') state.woken.add(1);
    },
    notifier(state, result) {
      let told = state.word.notify(1);
      told += state.word.notify(1);
      state.word.store(1);
      result.told = told + state.word.notify();
    },
  },
  arbiter(state, result) {
    result.woken = state.woken.load();
  },
  outcomes: [
    acceptable({ woken: 0, told: 0 }, 'the word had changed before anybody waited'),
    acceptable({ woken: 1, told: 1 }, 'one waited, and one was told of'),
    acceptable({ woken: 2, told: 2 }, 'both waited, and both were told of'),
    forbidden(/./, 'notify counted other waiters than those that woke'),
  ],
});
