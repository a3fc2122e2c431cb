import { i32 } from '../../abi/index.ts';
import { acceptable, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { CHANNEL_BYTES, Channel } from '../shared/channel.ts';

const CAPACITY = 2;

export default scenario({
  name: 'wait/channel',
  description: 'A channel under a mutex: two that send at once, and what is in it afterwards',
  state: { memory: sharedBuffer(CHANNEL_BYTES) },
  result: { first: i32, second: i32 },
  actors: {
    one(state) {
      new Channel(state.memory, CAPACITY).trySend(1);
    },
    other(state) {
      new Channel(state.memory, CAPACITY).trySend(2);
    },
  },
  arbiter(state, result) {
    const channel = new Channel(state.memory, CAPACITY);
    result.first = channel.tryReceive() ?? 0;
    result.second = channel.tryReceive() ?? 0;
  },
  outcomes: [
    acceptable('1, 2', 'the first sent before the other'),
    acceptable('2, 1', 'the other sent before the first'),
    forbidden(/./, 'a value was lost, or received twice'),
  ],
});
