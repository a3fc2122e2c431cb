import type { Access } from './access.ts';
import { widestTable } from './fits.ts';
import { widthOf } from './value-check.ts';

/** The source of a check, and the width of the table that it looks up as `F`. */
interface Check {
  readonly source: string;
  readonly table: number;
}

/** Throws, by the call `bad`, unless `v` has the right type and fits. */
export function check(access: Access, bad: string): Check {
  if (access.unchecked) return { source: '', table: 0 };
  const wrongType = `typeof v !== '${access.value}'`;
  if (access.form === 'bool' || access.form === 'float') {
    return { source: `if (${wrongType}) ${bad};`, table: 0 };
  }
  const width = widthOf(access);
  if (access.value === 'bigint') {
    return { source: bigCheck(access, width, wrongType, bad), table: 0 };
  }
  const { key, table } = numberKey(access, width);
  return { source: `if (${wrongType} || F[${key}] === undefined) ${bad};`, table };
}

// V8 knows `w` as 64 bits, which a typed array stores as they are (a DataView is better off with
// `v`). The operator throws for most that is no bigint; typeof finds the objects that it converts.
function bigCheck(access: Access, width: number, wrongType: string, bad: string): string {
  const cut = `BigInt.as${access.form === 'signed' ? 'Int' : 'Uint'}N(${width}, w)`;
  return (
    `let w; try { w = v | 0n; } catch { ${bad}; } ` +
    `if (F[${cut} !== w ? 1 : 0] === undefined || F[${wrongType} ? 1 : 0] === undefined) ${bad};`
  );
}

/** What is looked up: an index in the table where `v` fits, else none. */
function numberKey(access: Access, width: number): { key: string; table: number } {
  const isSigned = access.form === 'signed';
  if (width > widestTable) {
    return { key: `v !== ${isSigned ? signedPart(width) : unsignedPart(width)} ? 1 : 0`, table: 0 };
  }
  // A sum rounds: a small fraction must not get lost in it.
  return { key: isSigned ? `v === (v | 0) ? v + ${2 ** (width - 1)} : -1` : 'v', table: width };
}

function signedPart(width: number): string {
  return width === 32 ? '(v | 0)' : `(v << ${32 - width} >> ${32 - width})`;
}

function unsignedPart(width: number): string {
  return width === 32 ? '(v >>> 0)' : `(v & ${2 ** width - 1})`;
}
