import type { Target } from '../abi/index.ts';
import { bitsSet, type Naming, type Probe } from './probe.ts';

/** Objects of which a compiler's bytes tell where bit-fields are. */

type BitsProbe = Extract<Probe, { kind: 'bits' }>;

/** Bit-fields of one type, or of one array's element, that have no bit in common. */
interface Group {
  readonly symbol: string;
  readonly fields: readonly BitsProbe[];
}

export interface BitObjects {
  readonly lines: readonly string[];
  /** Where the compiler has each field's bits. */
  readonly read: (bytesOf: BytesOf, target: Target) => ReadonlyMap<Probe, readonly number[]>;
}

type BytesOf = (symbol: string) => Uint8Array | undefined;

/**
 * Each field has a number. In the object of each binary digit those fields are set whose number has it, so
 * that as few objects as numbers have digits tell of all fields: with one for each a large struct takes a
 * compiler minutes. Fields in unions, and all of them where they turn out to be elsewhere, get one each.
 */
export function bitObjects(
  probes: readonly Probe[],
  naming: Naming,
  gate: string,
  symbol: string,
): BitObjects {
  const fields = probes.filter((one): one is BitsProbe => one.kind === 'bits');
  const groups = groupsOf(fields, naming.isQuick).map((some, at): Group => {
    return { symbol: `${symbol}_${at}`, fields: some };
  });
  return {
    lines: groups.flatMap((group) => linesOf(group, naming, gate)),
    read: (bytesOf, target) => {
      return new Map(groups.flatMap((group) => [...readGroup(group, bytesOf, target)]));
    },
  };
}

function groupsOf(fields: readonly BitsProbe[], isQuick: boolean): BitsProbe[][] {
  const groups = new Map<string, BitsProbe[]>();
  for (const field of fields) {
    const key = field.isShared || !isQuick ? `alone ${field.path}` : `in ${field.element}`;
    const group = groups.get(key);
    if (group) group.push(field);
    else groups.set(key, [field]);
  }
  return [...groups.values()];
}

function digitsOf({ fields }: Group): number[] {
  return Array.from({ length: fields.length.toString(2).length }, (_, digit) => digit);
}

function hasDigit(number: number, digit: number): boolean {
  return ((number >> digit) & 1) === 1;
}

function linesOf(group: Group, naming: Naming, gate: string): string[] {
  const element = group.fields[0]?.element ?? '';
  const type = element === '' ? naming.name : `__typeof__(${naming.object}.${element})`;
  return digitsOf(group).map((digit) => {
    const set = group.fields.filter((_, at) => hasDigit(at + 1, digit));
    const values = set.map(({ path, isBool }) => {
      return `.${path.slice(element === '' ? 0 : element.length + 1)} = ${isBool ? 1 : -1}`;
    });
    return `${gate}${type} ${group.symbol}_${digit} = { ${values.join(', ')} };`;
  });
}

function readGroup(
  group: Group,
  bytesOf: BytesOf,
  target: Target,
): ReadonlyMap<Probe, readonly number[]> {
  const numbers = new Map<number, number>();
  for (const digit of digitsOf(group)) {
    const bytes = bytesOf(`${group.symbol}_${digit}`) ?? new Uint8Array();
    for (const bit of bitsSet(bytes, target))
      numbers.set(bit, (numbers.get(bit) ?? 0) + (1 << digit));
  }
  const found = new Map<Probe, number[]>(group.fields.map((field) => [field, []]));
  for (const bit of [...numbers.keys()].sort((a, b) => a - b)) {
    const field = group.fields[(numbers.get(bit) ?? 0) - 1];
    if (field) found.get(field)?.push(bit);
  }
  return found;
}
