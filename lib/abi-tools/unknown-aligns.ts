import { objectOf } from './behind.ts';
import type { CDeclarations, CMember, CRecord, CTypedef } from './c-model.ts';
import { parseCType } from './c-type.ts';

/** A declaration whose alignment clang's AST does not tell, and what `_Alignof` tells it of. */
export interface UnknownAlign {
  readonly of: CMember | CTypedef;
  readonly expression: string;
}

/** `aligned` without a number, `_Alignas(long double)`: of typedefs, and of members at any depth. */
export function unknownAligns({ records, typedefs }: CDeclarations): UnknownAlign[] {
  const named = [...records].flatMap(([name, record]) => inRecord(record, objectOf(name)));
  const aliases = [...typedefs.values()].flatMap((one) => {
    const { name, inline } = one;
    const own = isUnknown(one) ? [{ of: one, expression: name }] : [];
    const inner = inline && inline.kind !== 'enum' ? inRecord(inline, objectOf(name)) : [];
    return [...own, ...inner];
  });
  return [...named, ...aliases];
}

function inRecord(record: CRecord, object: string): UnknownAlign[] {
  return record.members.flatMap((one) => {
    const at = one.name === '' ? object : `${object}.${one.name}`;
    // An anonymous struct, or a bit-field, has no alignment that C can ask for.
    const canAsk = one.name !== '' && one.bits === undefined;
    const own = canAsk && isUnknown(one) ? [{ of: one, expression: at }] : [];
    if (!one.inline || one.inline.kind === 'enum') return own;
    const first = '[0]'.repeat(parseCType(one.type).lengths.length);
    return [...own, ...inRecord(one.inline, at + first)];
  });
}

function isUnknown({ aligns }: CMember | CTypedef): boolean {
  return aligns.some(Number.isNaN);
}
