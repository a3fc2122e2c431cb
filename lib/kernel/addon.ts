import type { NativeBinding } from '../binding.ts';
import { native } from '../native.ts';

// What the layers above use of the addon. Calls are not among it: those are made by a Kernel alone.

/** The epoll set that libuv polls for this thread (native/addon/poll.h). */
export type EventSet = Pick<
  NativeBinding,
  | 'pollRing'
  | 'pollArm'
  | 'pollRef'
  | 'pollClose'
  | 'readyTake'
  | 'readyKind'
  | 'readyAsk'
  | 'readyError'
  | 'readyArm'
  | 'readyAdd'
  | 'readyForget'
>;

export const eventSet = (): EventSet => native();

/** Where memory lies, and what keeps that of ArrayBuffers while a call waits. */
export type HeldMemory = Pick<
  NativeBinding,
  'addressOf' | 'holdsMemory' | 'holdMemory' | 'letGoMemory'
>;

export const heldMemory = (): HeldMemory => native();

/** The kernel side's reason against a call; undefined for one that it makes. */
export const whyRefused: NativeBinding['whyRefused'] = (nr) => native().whyRefused(nr);
