import { layout, offsetOf, syslet_completion, syslet_ring } from '../../abi/index.ts';
import { hostTarget } from '../../host-target.ts';
import { native } from '../../native.ts';
import { CompletionRing } from '../../ring/index.ts';

const HEADER_BYTES = offsetOf(syslet_ring, hostTarget, 'comp');
const COMPLETION_BYTES = layout(syslet_completion, hostTarget).size;
const KERNEL_HEAD = offsetOf(syslet_ring, hostTarget, 'kernel_head') / 4;
const USER_TAIL = offsetOf(syslet_ring, hostTarget, 'user_tail') / 4;
/** The low half of the first completion's caller data. */
const DATA_LOW =
  (HEADER_BYTES +
    offsetOf(syslet_completion, hostTarget, 'caller_data') +
    (hostTarget.byteOrder === 'little' ? 0 : 4)) /
  4;

/** A completion is there within microseconds; one that is not there by now never comes. */
const PATIENCE_MS = 4000;
/** Looks of a reader that does not sleep. */
const LOOKS = 3000;

/** Memory for a ring of so many elements, as a field of a state. */
export function ringBytes(elements: number): number {
  return HEADER_BYTES + COMPLETION_BYTES * elements;
}

export interface FreshRing {
  readonly waitGroup?: number;
  /** Head and tail of the empty ring. */
  readonly at?: number;
}

/** Makes an empty ring in the memory of a state. */
export function freshRing(
  buffer: SharedArrayBuffer,
  elements: number,
  options: FreshRing = {},
): void {
  const { waitGroup = 1, at = 0 } = options;
  CompletionRing.create(elements, { buffer, waitGroup });
  const words = new Int32Array(buffer);
  words[KERNEL_HEAD] = at;
  words[USER_TAIL] = at;
}

/** The ring of a state's memory. */
export function ringOver(buffer: SharedArrayBuffer): CompletionRing {
  return CompletionRing.over(buffer);
}

/**
 * Sleeps until so many completions have been stored since `start`, and no call of this process is
 * in flight any more: an arbiter calls it before the memory is used anew. The kernel side raises
 * the head and then lowers its count of the ring's calls in flight, from which it tells whether
 * there is room: a ring that is made anew in between would be refused a call for a moment. False
 * where they did not come.
 */
export function settled(ring: CompletionRing, count: number, start = 0): boolean {
  const limit = performance.now() + PATIENCE_MS;
  for (;;) {
    const head = ring.kernelHead;
    const areThere = (head - start) >>> 0 >= count;
    if (areThere && native().counters().tasksAway === 0n) return true;
    if (performance.now() > limit) return false;
    if (!areThere) ring.wait({ timeoutMs: 1 });
    if (ring.kernelHead === head) nap();
  }
}

const napping = new Int32Array(new SharedArrayBuffer(4));

/** Gives up the processor, which others may be waiting for. */
export function nap(): void {
  Atomics.wait(napping, 0, 0, 0.02);
}

/** Looks again and again until the head has moved; whether it has. */
export function sawHead(ring: CompletionRing, start = 0): boolean {
  for (let look = 0; look < LOOKS; look++) {
    if (ring.kernelHead !== start) return true;
  }
  return false;
}

/** The caller data of all completions that are there. */
export function reaped(ring: CompletionRing): number[] {
  const found: number[] = [];
  ring.reap((_status, callerData) => found.push(callerData));
  return found;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A ring that is full of completions with this caller data, as if they had been made. */
export function filledRing(buffer: SharedArrayBuffer, callerData: readonly number[]): void {
  freshRing(buffer, callerData.length);
  const words = new Int32Array(buffer);
  for (const [index, data] of callerData.entries()) {
    words[DATA_LOW + (index * COMPLETION_BYTES) / 4] = data;
  }
  words[KERNEL_HEAD] = callerData.length;
}

/**
 * Completes as the kernel side does: the completion, then the head that covers it. False where the
 * ring is full. One thread at a time.
 */
export function completeInto(ring: CompletionRing, callerData: number): boolean {
  const words = new Int32Array(ring.buffer);
  const head = words[KERNEL_HEAD] as number;
  if (((head - Atomics.load(words, USER_TAIL)) | 0) >= ring.elements) return false;
  words[DATA_LOW + ((head & (ring.elements - 1)) * COMPLETION_BYTES) / 4] = callerData;
  // release: pairs with the load of the head in CompletionRing's begin()
  Atomics.store(words, KERNEL_HEAD, (head + 1) | 0);
  return true;
}

/** Whether a completion with this caller data is among those that the head covers. */
export function holdsData(ring: CompletionRing, callerData: number): boolean {
  const words = new Int32Array(ring.buffer);
  for (let at = Atomics.load(words, KERNEL_HEAD) - 1; at >= 0; at--) {
    if (words[DATA_LOW + (at * COMPLETION_BYTES) / 4] === callerData) return true;
  }
  return false;
}
