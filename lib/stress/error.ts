/** A mistake in what the user asked for: shown without a stack, exit status 2. */
export class StressError extends Error {
  override readonly name = 'StressError';
  readonly code = 'ERR_SYSLETS_STRESS';
}
