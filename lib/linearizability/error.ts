/** A definition, or a program, that cannot be run; the message says what was expected. */
export class LinearizabilityError extends Error {
  override readonly name = 'LinearizabilityError';
  readonly code = 'ERR_SYSLETS_LINEARIZABILITY';
}
