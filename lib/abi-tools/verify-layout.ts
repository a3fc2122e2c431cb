import { layout, type RecordOptions, type RecordType, type Target } from '../abi/index.ts';
import type { CRecord } from './c-model.ts';
import type { DumpedLayout } from './record-dump.ts';

/** The attributes of a declaration that gives all their values. */
export function plainOptions(record: CRecord): RecordOptions {
  const align = Math.max(0, ...record.aligns);
  return { ...(record.packed ? { packed: true as const } : {}), ...(align > 0 ? { align } : {}) };
}

/** The type itself; throws AbiError where it cannot be laid out. */
export function laid(type: RecordType, target: Target): RecordType {
  layout(type, target);
  return type;
}

/** Whether all members lie at the same places in both, in as many bytes with the same alignment. */
export function isLaidAs(one: RecordType, other: RecordType, target: Target): boolean {
  const ours = layout(one, target);
  const theirs = layout(other, target);
  const isSame = ours.fields.every(
    ({ bitOffset }, at) => bitOffset === theirs.fields[at]?.bitOffset,
  );
  return isSame && ours.size === theirs.size && ours.align === theirs.align;
}

/** The attributes that a declaration can mean, where clang's AST names one without its value. */
export function* candidates(
  record: CRecord,
  dumped: DumpedLayout,
  pack: number | undefined,
): Generator<RecordOptions> {
  const packed = record.packed ? { packed: true as const } : {};
  const isUnknown = record.aligns.some((align) => Number.isNaN(align));
  const align = isUnknown ? dumped.alignBits / 8 : Math.max(0, ...record.aligns);
  const options = { ...packed, ...(align > 0 ? { align } : {}) };
  if (!record.pragmaPack) yield options;
  else {
    // The pragma's own number holds for all targets, where others give the same layout for one.
    const all = [...(pack === undefined ? [] : [pack]), 16, 8, 4, 2, 1];
    for (const one of new Set(all)) yield { ...options, pack: one };
  }
}

/** By what rules clang lays out what it reads for a target: of m68k not by those of Linux, which GCC proves. */
export function asClangDumps(target: Target): Target {
  return target.name === 'm68k' ? { ...target, ...clangsM68k } : target;
}

const clangsM68k = {
  maxScalarAlign: 8,
  longDouble: { size: 8, align: 8, format: 'double' },
} as const;

/** What differs first, members before the whole; '' where nothing does. */
export function mismatch(type: RecordType, target: Target, dumped: DumpedLayout): string {
  const ours = layout(type, target);
  if (ours.fields.length !== dumped.fieldBits.length) return 'another number of members';
  const at = ours.fields.findIndex((one, index) => one.bitOffset !== dumped.fieldBits[index]);
  const wrong = ours.fields[at];
  if (wrong) {
    return `member '${wrong.key}' at bit ${wrong.bitOffset}, not ${dumped.fieldBits[at]}`;
  }
  if (ours.size * 8 !== dumped.sizeBits) return `size ${ours.size}, not ${dumped.sizeBits / 8}`;
  if (ours.align * 8 === dumped.alignBits) return '';
  return `alignment ${ours.align}, not ${dumped.alignBits / 8}`;
}
