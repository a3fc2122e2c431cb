export { afterReap, pin, unpinnedAll } from './after-reap.ts';
export { CompletionBatch } from './batch.ts';
export {
  CompletionRing,
  type OnBigCompletion,
  type OnCompletion,
  type RingOptions,
} from './completion-ring.ts';
export { signed, unsigned, upperHalf } from './number.ts';
export { ringWait, setWorkWhileWaiting, type WaitOptions, waitInSlices } from './wait.ts';
