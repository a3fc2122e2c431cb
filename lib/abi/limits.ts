/** No object of C is larger on any of our targets (PTRDIFF_MAX of the smallest is less). */
export const maxBytes = 2 ** 47;

/** Compilers refuse `aligned(n)` above 2^28. */
export function isPowerOfTwo(value: number): boolean {
  return (
    Number.isSafeInteger(value) &&
    value > 0 &&
    value <= 2 ** 28 &&
    2 ** Math.round(Math.log2(value)) === value
  );
}

export function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}
