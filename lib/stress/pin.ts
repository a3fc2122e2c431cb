import { ENOSYS } from '../errors.ts';
import { native, whyNoNative } from '../native.ts';

/** Lets the calling thread run on these processors only (none named: on any). 0 or -errno. */
export function pinThread(cpus: readonly number[]): number {
  if (cpus.length === 0) return 0;
  if (whyNoNative() !== undefined) return ENOSYS;
  return native().setAffinity(Int32Array.from(cpus));
}

/** Processors that this thread may use; undefined where that cannot be known. */
export function allowedCpus(): readonly number[] | undefined {
  if (whyNoNative() !== undefined) return undefined;
  const cpus = native().getAffinity();
  return cpus.length > 0 ? cpus : undefined;
}
