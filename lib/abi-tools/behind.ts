import type { CDeclarations, CEnum, CMember, CRecord } from './c-model.ts';
import { parseCType } from './c-type.ts';

/**
 * What has no name of its own and is no part of a type that has one: it is behind a pointer, in a
 * typedef of an array, in an object. What leads to it names it.
 */
export interface Behind {
  /** `behind handle`, `behind struct s.p`. */
  readonly name: string;
  readonly record: CRecord | CEnum;
  /** How clang names it. */
  readonly written: string;
  /** An expression of C of its type; undefined where only the call of a function gives one. */
  readonly expression?: string;
}

/** Each behind the first of a file's own declarations that leads to it. */
export function behindIn(declared: CDeclarations, isOwn: (file: string) => boolean): Behind[] {
  const found: Found = new Map();
  for (const [name, record] of declared.records) {
    if (isOwn(record.file)) follow(record, name, objectOf(name), found);
  }
  for (const { name, file, inline } of declared.typedefs.values()) {
    const isValue = inline && inline.kind !== 'enum' && isOwn(file);
    if (isValue && !isElsewhere(inline, declared)) follow(inline, name, objectOf(name), found);
  }
  for (const { name, file, type, desugared, inline, isTypedef } of declared.objects) {
    const object = isTypedef ? objectOf(name) : name;
    if (isOwn(file)) arrive({ type, desugared, inline }, name, object, found);
  }
  return [...found.values()];
}

/** A typedef of an array names no record. */
function isElsewhere(inline: CRecord, { objects }: CDeclarations): boolean {
  return objects.some((one) => one.inline === inline && one.isTypedef);
}

export function objectOf(name: string): string {
  return `(*(${name} *)0)`;
}

type Found = Map<CRecord | CEnum, Behind>;
type Lead = Pick<CMember, 'type' | 'desugared'> & { readonly inline: CRecord | CEnum };

/** `object` is undefined where no expression reaches it. */
function follow(record: CRecord, path: string, object: string | undefined, found: Found): void {
  for (const one of record.members) {
    const { name, type, desugared, inline } = one;
    if (!inline) continue;
    const inner = name === '' ? path : `${path}.${name}`;
    const at = name === '' ? object : extended(object, `.${name}`);
    const isValue = isByValue(one);
    if (isValue && inline.kind === 'enum') continue;
    if (isValue) follow(inline as CRecord, inner, extended(at, elements(type)), found);
    else arrive({ type, desugared, inline }, inner, at, found);
  }
}

function extended(object: string | undefined, more: string): string | undefined {
  return object === undefined ? undefined : `${object}${more}`;
}

function elements(type: string): string {
  return '[0]'.repeat(parseCType(type).lengths.length);
}

function arrive(lead: Lead, path: string, object: string | undefined, found: Found): void {
  const { inline, type, desugared } = lead;
  if (found.has(inline)) return;
  const name = `behind ${path.replace(/^behind /, '')}`;
  const written = untagged.exec(desugared)?.[0] ?? desugared;
  const steps = stepsOf(type);
  const expression = steps === undefined ? undefined : extended(object, '[0]'.repeat(steps));
  const made = { name, record: inline, written };
  found.set(inline, expression === undefined ? made : { ...made, expression });
  if (inline.kind !== 'enum') follow(inline, name, expression, found);
}

const untagged = /(?:struct|union|enum) (?:[\w$]+::)*\((?:unnamed|anonymous).*?:\d+:\d+\)/;

/** Pointers to follow and elements to take; undefined where a function is on the way. */
export function stepsOf(type: string): number | undefined {
  const rest = type.replace(untagged, '');
  if (rest.includes('(')) return undefined;
  return rest.match(/[*[]/g)?.length ?? 0;
}

/** Whether a declaration has the type itself, alone or in an array, and not a pointer to it. */
export function isByValue({ type }: Pick<CMember, 'type'>): boolean {
  const { isPointer } = parseCType(type);
  return !isPointer && !type.replace(untagged, '').includes('(');
}
