import { NR } from '../kernel/index.ts';
import type { Hint } from '../loop/index.ts';
import { storeWide } from './buffer-list.ts';

const RWF_NOWAIT = 8;
const MSG_DONTWAIT = 0x40;
const POLLIN = 1;
const POLLOUT = 4;

/** pread: preadv2 with RWF_NOWAIT, which takes what is in the page cache. */
export const preadNow: Hint = {
  kind: 'variant',
  whole: true,
  prepare(slot, spare) {
    spare.begin(NR.preadv2).copyArguments(slot);
    const start = spare.room(16) as number;
    storeWide(spare.memory.words, start >> 2, slot.argument(1));
    storeWide(spare.memory.words, (start >> 2) + 2, slot.argument(2));
    spare.setNumber(1, spare.addressAt(start));
    spare.setInt(2, 1);
    spare.setInt(4, 0);
    spare.setInt(5, RWF_NOWAIT);
  },
};

/** A receive with MSG_DONTWAIT; `register`: that of its flags. */
export function receiveNow(register: number): Hint {
  return {
    kind: 'variant',
    prepare(slot, spare) {
      spare.begin(slot.nr).copyArguments(slot);
      spare.setInt(register, slot.argument(register) | MSG_DONTWAIT);
    },
  };
}

/** poll without a wait: for streams, where it says whether the call would block. */
function ready(events: number): Hint {
  return {
    kind: 'ready',
    prepare(slot, spare) {
      spare.begin(NR.poll);
      const start = spare.room(8) as number;
      spare.memory.words[start >> 2] = slot.argument(0);
      spare.memory.words[(start >> 2) + 1] = events;
      spare.setNumber(0, spare.addressAt(start));
      spare.setInt(1, 1);
      spare.setInt(2, 0);
    },
  };
}

export const readable: Hint = ready(POLLIN);
export const writable: Hint = ready(POLLOUT);
