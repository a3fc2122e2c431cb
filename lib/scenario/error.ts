/** A definition that cannot be a scenario; the message names it and says what was expected. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly code = 'ERR_SYSLETS_SCENARIO';
}
