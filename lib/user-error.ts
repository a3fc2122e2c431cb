/** A mistake in what the user gave: shown without a stack, exit status 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
