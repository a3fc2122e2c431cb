import type { CMember } from './c-model.ts';

/** A key for each member: its name, or one that no member has. */
export function keysOf(members: readonly CMember[]): readonly string[] {
  const names = new Set(members.map((one) => one.name));
  return members.map((one, index) => one.name || madeUp(`_${index}`, names));
}

function madeUp(wanted: string, names: ReadonlySet<string>): string {
  return names.has(wanted) ? madeUp(`${wanted}_`, names) : wanted;
}
