import { checkInteger, expected, own } from '../check.ts';
import { aarch64_calls } from './aarch64-calls.ts';
import { x86_64_calls } from './x86-64-calls.ts';

/**
 * Numbers of system calls by the names of Linux, on this processor. The type is x86_64's; others have
 * no number for a call that a newer one replaces.
 */
export const NR: Readonly<ReturnType<typeof x86_64_calls>> = Object.freeze(
  process.arch === 'arm64' ? (aarch64_calls() as never) : x86_64_calls(),
);

/** Name of a system call. */
export type CallName = keyof typeof NR;

const NR_MAX = 0x7fff_ffff;

/** The number of a system call that is given by its name or its number. */
export function callNumber(call: CallName | number): number {
  if (typeof call !== 'string') return checkInteger('nr', call, 0, NR_MAX);
  const nr = own(NR, call);
  if (nr !== undefined) return nr;
  throw new TypeError(
    expected('name', call, "a system call of Linux such as 'getcwd', or its number"),
  );
}

let names: ReadonlyMap<number, string> | undefined;

/** A call's name for messages. */
export function callName(nr: number): string {
  names ??= new Map(Object.entries(NR).map(([name, number]) => [number, name]));
  return names.get(nr) ?? `system call ${nr}`;
}
