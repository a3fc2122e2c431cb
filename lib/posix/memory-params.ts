import { types } from 'node:util';
import { layout } from '../abi/index.ts';
import { expected } from '../check.ts';
import { hostTarget } from '../host-target.ts';
import { type Bytes, lengthOf } from '../loop/index.ts';
import type { Param } from './call-types.ts';
import { type PollList, pollMemory } from './events.ts';
import { tooShort } from './params.ts';
import { epoll_event } from './structs.ts';

const EPOLL_BYTES = layout(epoll_event, hostTarget).size;

/** An array of struct pollfd and its length. */
export const pollList: Param<[list: PollList]> = {
  name: 'list',
  registers: 2,
  encoder: (at) => (slot, value: PollList) => {
    const given = pollMemory(value);
    if (!given) throw new TypeError(expected('list', value, 'new PollList([{ fd, events }, …])'));
    slot.setView(at, given.bytes, 'list');
    slot.setInt(at + 1, given.length);
  },
};

/** Memory for events and how many it takes. */
export const eventMemory: Param<[events: Bytes]> = {
  name: 'events',
  registers: 2,
  encoder: (at) => (slot, value: Bytes) => {
    slot.setView(at, value, 'events');
    const bytes = lengthOf(value, 'events');
    if (bytes < EPOLL_BYTES) throw tooShort('events', value, EPOLL_BYTES);
    slot.setInt(at + 1, Math.floor(bytes / EPOLL_BYTES));
  },
};

/** A futex: the first element of an Int32Array. */
export const futexWord: Param<[word: Int32Array]> = {
  name: 'word',
  registers: 1,
  encoder: (at) => (slot, value: Int32Array) => {
    if (!types.isInt32Array(value)) {
      throw new TypeError(
        expected('word', value, 'an Int32Array whose first element is the futex'),
      );
    }
    slot.setView(at, value, 'word');
    if (lengthOf(value, 'word') < 4) throw tooShort('word', value, 4);
  },
};
