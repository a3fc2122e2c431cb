import { isBuffer } from './buffer.ts';
import type { Target } from './target.ts';
import { targets } from './targets.ts';
import { shown } from './value-check.ts';

/** Throws a TypeError for what is no target, such as the name of one. */
export function checkTarget(target: unknown, where: string): asserts target is Target {
  if (isTarget(target)) return;
  throw new TypeError(`${where}: expected a target, such as x86_64, ${got(target)}`);
}

function isTarget(value: unknown): value is Target {
  if (typeof value !== 'object' || value === null) return false;
  const { name, byteOrder, pointerSize, longDouble } = value as Partial<Target>;
  return (
    typeof name === 'string' &&
    (byteOrder === 'little' || byteOrder === 'big') &&
    typeof pointerSize === 'number' &&
    typeof longDouble === 'object'
  );
}

function got(value: unknown): string {
  if (typeof value === 'string') {
    const names = Object.keys(targets);
    const hint = names.includes(value)
      ? `pass ${targetText(value)}`
      : `there is none of that name (${names.join(', ')})`;
    return `got the name ${shown(value)}: ${hint}`;
  }
  return isBuffer(value) ? 'got a buffer: the target stands before it' : `got ${shown(value)}`;
}

/** How a program gets it: as a name of its own, in which no hyphen can be. */
function targetText(name: string): string {
  const own = name.replaceAll('-', '_');
  const member = own === name ? `targets.${name}` : `targets['${name}']`;
  return `${member}, or import { ${own} }`;
}
