export { CompletionBatch } from './batch.ts';
export {
  CompletionRing,
  type OnBigCompletion,
  type OnCompletion,
  type RingOptions,
  type WaitOptions,
} from './completion-ring.ts';
