/** A mistake in what the user asked for, or code that cannot be explored: exit status 2. */
export class ExploreError extends Error {
  override readonly name = 'ExploreError';
  readonly code = 'ERR_SYSLETS_EXPLORE';
}

/** A program goes beyond a bound of ours: what has been explored holds, and it is not all. Exit status 3. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}
