import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { expected } from '../check.ts';

/**
 * Network interfaces by index, as in `fe80::1%eth0`. Node knows those that are up and have an IPv6
 * address, which is all that a scope needs; /sys has the others, where it is mounted.
 */
const SYS = '/sys/class/net';
const U32_MAX = 0xffff_ffff;

/** The index of an interface that is named, or given as a number: what if_nametoindex gives. */
export function interfaceIndex(scope: string): number {
  const index = known().get(scope) ?? indexInSys(scope) ?? numberOf(scope);
  if (index !== undefined) return index;
  throw new RangeError(
    expected('host', `…%${scope}`, 'the name of a network interface of this machine, or its index'),
  );
}

/** The name of the interface with this index, as if_indextoname gives it; undefined for none. */
export function interfaceName(index: number): string | undefined {
  for (const [name, one] of known()) if (one === index) return name;
  return names().find((name) => indexInSys(name) === index);
}

function known(): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    const scope = addresses?.find(({ family, scopeid = 0 }) => family === 'IPv6' && scopeid > 0);
    if (scope?.family === 'IPv6') found.set(name, scope.scopeid);
  }
  return found;
}

function names(): readonly string[] {
  try {
    return readdirSync(SYS);
  } catch {
    return [];
  }
}

function indexInSys(name: string): number | undefined {
  if (!names().includes(name)) return undefined;
  try {
    return numberOf(readFileSync(join(SYS, name, 'ifindex'), 'utf8').trim());
  } catch {
    return undefined;
  }
}

function numberOf(text: string): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && value <= U32_MAX ? value : undefined;
}
