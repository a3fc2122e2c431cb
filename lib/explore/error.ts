/** A mistake in what the user asked for, or code that cannot be explored: exit status 2. */
export class ExploreError extends Error {
  override readonly name = 'ExploreError';
  readonly code = 'ERR_SYSLETS_EXPLORE';
}
