import { x86_64_calls } from './x86-64-calls.ts';

/** Numbers of system calls by the names of Linux, on the one processor that syslets run on. */
export const NR = x86_64_calls;

/** Name of a system call. */
export type CallName = keyof typeof NR;

const names = new Map<number, string>(Object.entries(NR).map(([name, nr]) => [nr, name]));

/** A call's name for messages. */
export function callName(nr: number): string {
  return names.get(nr) ?? `system call ${nr}`;
}
