import { type AtomicField, i32 } from 'syslets/abi';
import { acceptable, atomic, scenario } from 'syslets/scenario';

/** Actors that wait for each other in each sample: the most that a runner can be hindered by. */
export default scenario.with({ how: ['spin', 'wait'], actors: [2, 3, 4] }, ({ how, actors }) => {
  const isWaiting = how === 'wait';
  const names = Array.from({ length: actors }, (_, index) => index);
  return scenario({
    name: 'bench/turns',
    description: 'Each actor has its turn when the one before it has had it',
    state: { turn: atomic(i32) },
    result: { turn: i32 },
    actors: Object.fromEntries(
      names.map((own) => [
        `actor${own}`,
        ({ turn }: { turn: AtomicField<number> }) => {
          for (let now = turn.load(); now !== own; now = turn.load()) {
            if (isWaiting) turn.wait(now);
          }
          turn.store(own + 1);
          if (isWaiting) turn.notify();
        },
      ]),
    ),
    arbiter(state, result) {
      result.turn = state.turn.load();
    },
    outcomes: [acceptable(String(actors), 'each had its turn')],
  });
});
