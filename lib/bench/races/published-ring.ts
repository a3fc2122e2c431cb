import { RingBuffer } from 'ringbuf.js';
import { i32 } from 'syslets/abi';
import { acceptable, scenario, sharedBuffer } from 'syslets/scenario';

export default scenario({
  name: 'bench/published-ring',
  description: 'ringbuf.js as it is published: two bytes are pushed, two are popped',
  state: { memory: sharedBuffer(8 + 4) },
  result: { first: i32, second: i32 },
  open: ({ memory }) => new RingBuffer(memory, Uint8Array),
  actors: {
    producer(_state, _result, ring) {
      ring.push(Uint8Array.of(1));
      ring.push(Uint8Array.of(2));
    },
    consumer(_state, result, ring) {
      const value = new Uint8Array(1);
      result.first = ring.pop(value) === 1 ? (value[0] ?? 0) : -1;
      result.second = ring.pop(value) === 1 ? (value[0] ?? 0) : -1;
    },
  },
  outcomes: [
    acceptable('-1, -1', 'nothing was there yet'),
    acceptable('-1, 1', 'the first came between'),
    acceptable('1, -1', 'the first was there'),
    acceptable('1, 2', 'both, in order'),
  ],
});
