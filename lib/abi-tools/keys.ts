/** A key for each member: its name, or one that no member has. */
export function keysOf(members: readonly { readonly name: string }[]): readonly string[] {
  const names = new Set(members.map((one) => one.name));
  return members.map((one, index) => one.name || madeUp(`_${index}`, names));
}

/** `wanted`, or the next that is not taken. */
export function madeUp(wanted: string, names: ReadonlySet<string>): string {
  return names.has(wanted) ? madeUp(`${wanted}_`, names) : wanted;
}
