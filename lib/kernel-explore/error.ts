/** A kernel scenario that cannot be explored here, or a mistake in what was asked for. */
export class ExploreKernelError extends Error {
  override readonly name = 'ExploreKernelError';
}
