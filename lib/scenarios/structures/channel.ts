import { i32 } from '../../abi/index.ts';
import { blocked, linearizable, operation, sharedBuffer } from '../../linearizability/index.ts';
import { CHANNEL_BYTES, Channel } from '../shared/channel.ts';

const CAPACITY = 2;

export default linearizable({
  name: 'structures/channel',
  description: 'A bounded channel of several senders and receivers, which wait and give up',
  create: (memory) => new Channel(memory, CAPACITY),
  memory: sharedBuffer(CHANNEL_BYTES),
  operations: {
    send: operation({
      args: [i32],
      blocking: true,
      run: (channel: Channel, value, { isOver, timeoutMs, cancelled }) =>
        channel.send(value, isOver, timeoutMs) || cancelled,
    }),
    receive: operation({
      blocking: true,
      run: (channel: Channel, { isOver, timeoutMs, cancelled }) =>
        channel.receive(isOver, timeoutMs) ?? cancelled,
    }),
    trySend: operation({ args: [i32], run: (channel: Channel, value) => channel.trySend(value) }),
    tryReceive: operation({ run: (channel: Channel) => channel.tryReceive() }),
  },
  model: () => ({
    values: [],
    send(value) {
      return this.trySend(value) || blocked;
    },
    receive() {
      return this.values.length === 0 ? blocked : this.values.shift();
    },
    trySend(value) {
      if (this.values.length === CAPACITY) return false;
      this.values.push(value);
      return true;
    },
    tryReceive() {
      return this.values.shift();
    },
  }),
});
