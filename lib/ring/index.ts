export { afterReap, pin, unpinnedAll } from './after-reap.ts';
export { CompletionBatch } from './batch.ts';
export type { OnBigCompletion, OnCompletion } from './callback.ts';
export { CompletionRing, type RingOptions } from './completion-ring.ts';
export { upperHalf } from './number.ts';
export { ringWait, setWorkWhileWaiting, type WaitOptions, waitInSlices } from './wait.ts';
