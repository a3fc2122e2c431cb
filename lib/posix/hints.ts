import { NR } from '../kernel/index.ts';
import type { Hint } from '../loop/index.ts';

const RWF_NOWAIT = 8;
const POLLIN = 1;
const POLLOUT = 4;

/**
 * pread: preadv2 with RWF_NOWAIT, which takes what is in the page cache. An offset of -1 means the
 * descriptor's own position to preadv2, and pread refuses every negative one without a block.
 */
export const preadNow: Hint = {
  name: 'RWF_NOWAIT',
  prepare(slot, spare) {
    if (slot.isNegative(3)) return 'ends at once';
    spare.begin(NR.preadv2).copyArguments(slot);
    const start = spare.room(16) as number;
    slot.copyArgument(1, spare.memory.words, start >> 2);
    slot.copyArgument(2, spare.memory.words, (start >> 2) + 2);
    spare.setNumber(1, spare.addressAt(start));
    spare.setInt(2, 1);
    spare.setInt(4, 0);
    spare.setInt(5, RWF_NOWAIT);
    return 'variant';
  },
};

/** poll without a wait: for streams, where it says whether the call would block. */
function ready(events: number): Hint {
  return {
    name: 'poll',
    prepare(slot, spare) {
      spare.begin(NR.poll);
      const start = spare.room(8) as number;
      spare.memory.words[start >> 2] = slot.firstArgument;
      spare.memory.words[(start >> 2) + 1] = events;
      spare.setNumber(0, spare.addressAt(start));
      spare.setInt(1, 1);
      spare.setInt(2, 0);
      return 'ready';
    },
  };
}

export const readable: Hint = ready(POLLIN);
export const writable: Hint = ready(POLLOUT);
