import { i32 } from '../../abi/index.ts';
import { acceptable, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/tearing-i32',
  description: 'Tearing: 32 bits are stored at once, also by plain stores',
  state: { x: i32 },
  result: { r1: i32 },
  actors: {
    writer(state) {
      state.x = -1;
    },
    reader(state, result) {
      result.r1 = state.x;
    },
  },
  outcomes: [
    acceptable('0', 'before the store'),
    acceptable('-1', 'after the store'),
    forbidden(/./, 'a part of the store: integers of up to 32 bits in typed arrays never tear'),
  ],
});
