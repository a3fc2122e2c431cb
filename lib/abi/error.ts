/** A definition that no compiler could lay out, or a use of a view that its layout forbids. */
export class AbiError extends Error {
  override readonly name = 'AbiError';
}

/** `struct x`, `union y`, `u32`, `char[4]`: how messages and tables name a type. */
export function quoted(name: string): string {
  return `'${name}'`;
}
