import { linearizable, oneOf, operation, sharedBuffer } from '../../linearizability/index.ts';
import { AioFile, takeRegion } from '../shared/aio-file.ts';

const CELLS = 4;
const cell = oneOf(0, 1, 2, 3);
const value = oneOf(1, 2, 3, 4, 5);

/** Bytes of one file that threads write and read; a history has a region of it. */
export default linearizable({
  name: 'structures/aio-file',
  description: 'POSIX AIO of several threads on one file, against a model of its bytes',
  create: (memory) => new AioFile(memory),
  memory: sharedBuffer(64),
  setup: (memory) => takeRegion(memory, CELLS),
  needs: ['addon', 'calls'],
  operations: {
    write: operation({
      args: [cell, value],
      key: (at) => at,
      run: (file: AioFile, at, byte) => file.write(at, byte),
    }),
    read: operation({ args: [cell], key: (at) => at, run: (file: AioFile, at) => file.read(at) }),
  },
  model: () => ({
    bytes: [0, 0, 0, 0],
    write(at, byte) {
      this.bytes[at] = byte;
      return 1;
    },
    read(at) {
      return this.bytes[at];
    },
  }),
});
