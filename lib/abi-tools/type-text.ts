import { resolveMaybe, type Target, type Type } from '../abi/index.ts';

/** A type in a few words: `u32[4]`, `struct x`, `void *`. */
export function typeText(type: Type, target: Target): string {
  const settled = resolveMaybe(type, target);
  if (!settled) return 'absent';
  switch (settled.kind) {
    case 'scalar':
      return settled.scalar;
    case 'pointer':
      return `${settled.to} *`;
    case 'array':
      return arrayText(settled.of, String(settled.length), target);
    case 'flexible':
      return arrayText(settled.of, '', target);
    case 'aligned':
      return `${typeText(settled.type, target)} aligned(${settled.align})`;
    default:
      return `${settled.kind}${settled.name ? ` ${settled.name}` : ''}`;
  }
}

/** C writes the outermost length first. */
function arrayText(of: Type, length: string, target: Target): string {
  const [element, lengths] = splitLengths(typeText(of, target));
  return `${element}[${length}]${lengths}`;
}

/** The lengths at a type's end; those before are of what a pointer points to. */
export function splitLengths(text: string): [element: string, lengths: string] {
  const at = text.search(/(?:\[\d*\])+(?: aligned\(\d+\))*$/);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}
