import { AbiError, quoted } from './error.ts';
import { resolveField, resolveMaybe } from './resolve.ts';
import type { Target } from './target.ts';
import type { Field, RecordType, Type } from './types.ts';

const packs = [1, 2, 4, 8, 16];
const identifier = /^[\p{XID_Start}_$][\p{XID_Continue}$]*$/u;

/** Whether `name` can be written in C. */
export function isIdentifier(name: string): boolean {
  return identifier.test(name);
}

/** What a compiler refuses in a struct or union as a whole. */
export function checkRecord(type: RecordType, target: Target): void {
  const where = `${type.kind} ${type.name || '(without a tag)'}`;
  if (type.name !== '' && !isIdentifier(type.name)) {
    throw new AbiError(`${type.kind} ${quoted(type.name)}: not a name in C`);
  }
  if (type.pack !== undefined && !packs.includes(type.pack)) {
    throw new AbiError(`${where}: pack(${type.pack}), expected one of ${packs.join(', ')}`);
  }
  checkNames(type, where, target, { names: new Set(), open: new Set() });
  checkFlexible(type, where, target);
}

interface Seen {
  readonly names: Set<string>;
  /** Anonymous members that we are in, to notice one that contains itself. */
  readonly open: Set<RecordType>;
}

function checkNames(type: RecordType, where: string, target: Target, seen: Seen): void {
  if (seen.open.has(type)) throw new AbiError(`${where} contains itself`);
  seen.open.add(type);
  checkFields(type, where, target, seen);
  seen.open.delete(type);
}

function checkFields(type: RecordType, where: string, target: Target, seen: Seen): void {
  for (const [key, field] of Object.entries(type.fields)) {
    const settled = settledField(field, key, where, target);
    if (settled.kind === 'absent' || (settled.kind === 'bits' && settled.unnamed)) continue;
    if (settled.kind === 'member' && settled.anonymous) {
      checkNames(anonymousRecord(settled.type, where, target), where, target, seen);
      continue;
    }
    if (!isIdentifier(key))
      throw new AbiError(`${where}: member ${quoted(key)} is not a name in C`);
    if (seen.names.has(key)) throw new AbiError(`${where}: two members are named ${quoted(key)}`);
    seen.names.add(key);
  }
}

function settledField(field: Field, key: string, where: string, target: Target) {
  try {
    return resolveField(field, target);
  } catch (error) {
    if (!(error instanceof AbiError)) throw error;
    throw new AbiError(`${where}, member ${quoted(key)}: ${error.message}`);
  }
}

const nothing: RecordType = { kind: 'struct', name: '', fields: {} };

function anonymousRecord(type: Type, where: string, target: Target): RecordType {
  const settled = resolveMaybe(type, target);
  if (!settled) return nothing;
  if (settled.kind === 'struct' || settled.kind === 'union') return settled;
  throw new AbiError(`${where}: an anonymous member must be a struct or a union`);
}

function checkFlexible(type: RecordType, where: string, target: Target): void {
  const present = Object.entries(type.fields)
    .map(([key, field]) => ({ key, field: resolveField(field, target) }))
    .filter(({ field }) => field.kind !== 'absent');
  present.forEach(({ key, field }, index) => {
    if (!isFlexible(field, target)) return;
    const why = flexibleFault(type, index === present.length - 1, present.slice(0, index));
    if (why) throw new AbiError(`${where}: flexible array ${quoted(key)} ${why}`);
  });
}

function isFlexible(field: Field, target: Target): boolean {
  if (field.kind === 'bits' || field.kind === 'absent') return false;
  const settled = resolveMaybe(field.kind === 'member' ? field.type : field, target);
  return settled?.kind === 'flexible';
}

function flexibleFault(type: RecordType, isLast: boolean, before: readonly { field: Field }[]) {
  if (type.kind === 'union') return 'stands in a union: wrap it in a struct';
  if (!isLast) return 'is not the last member';
  const isNamed = before.some(({ field }) => field.kind !== 'bits' || !field.unnamed);
  return isNamed ? undefined : 'is the only named member: C wants another one before it';
}
