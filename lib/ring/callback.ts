import { expected } from '../check.ts';

/** `status` is a call's result or -errno, `callerData` what its submission gave. */
export type OnCompletion = (status: number, callerData: number) => void;
export type OnBigCompletion = (status: bigint, callerData: bigint) => void;

export function checkCallback(callback: unknown): void {
  if (typeof callback === 'function') return;
  throw new TypeError(expected('onCompletion', callback, 'a function'));
}
