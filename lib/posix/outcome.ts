const LOWEST_ERROR = -4095;

/** Is a result -errno? Other negative numbers are results: addresses, positions. */
export function isError(result: number): boolean {
  return result < 0 && result >= LOWEST_ERROR;
}
