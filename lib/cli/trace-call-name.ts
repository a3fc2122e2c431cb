import { NR } from '../kernel/index.ts';

/** SYSLET_NR_RING_WAIT of syslets/abi.h. */
const RING_WAIT = 0x5359_0001;

const names = new Map<number, string>(Object.entries(NR).map(([name, nr]) => [nr, name]));

/** What a timeline calls a system call. */
export function traceCallName(nr: number): string {
  if (nr === RING_WAIT) return 'syslet_ring_wait';
  return names.get(nr) ?? `call ${nr}`;
}
