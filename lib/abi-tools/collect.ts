import { type AstNode, Locations, placeOfNode } from './ast.ts';
import type { CDeclarations, CEnum, CMember, CRecord, CTypedef } from './c-model.ts';

const wanted = new Set(['RecordDecl', 'EnumDecl', 'TypedefDecl']);

/** Builds the model of a header from clang's top-level declarations, one after the other. */
export class Collector implements CDeclarations {
  readonly records = new Map<string, CRecord>();
  readonly enums = new Map<string, CEnum>();
  readonly typedefs = new Map<string, CTypedef>();
  readonly #locations = new Locations();
  /** The last declaration, if it was one without a tag. */
  #untagged: CRecord | CEnum | undefined;

  /** How far clang is: the file and line of the last declaration. */
  get current(): { readonly file: string; readonly line: number } {
    return this.#locations.current;
  }

  add(text: string): void {
    const kind = /"kind": "(\w+)"/.exec(text)?.[1] ?? '';
    if (!wanted.has(kind)) {
      this.#locations.skip(text);
      return;
    }
    const node = JSON.parse(text) as AstNode;
    this.#locations.fill(node);
    if (kind === 'TypedefDecl') this.#typedef(node);
    else this.#untagged = this.#tagged(node);
  }

  #typedef(node: AstNode): void {
    const { name = '', type, inner = [] } = node;
    const written = type?.qualType ?? '';
    const isOwn = /\((unnamed|anonymous)/.test(written) || written.split(' ').pop() === name;
    const inline = isOwn && this.#untagged ? { inline: this.#untagged } : {};
    const file = placeOfNode(node).file ?? '';
    this.typedefs.set(name, { name, type: written, file, aligns: alignsOf(inner), ...inline });
  }

  /** Takes a struct, union or enumeration in; returns it if it has no tag. */
  #tagged(node: AstNode): CRecord | CEnum | undefined {
    if (node.kind === 'EnumDecl') {
      const made = enumOf(node);
      if (made.tag) this.enums.set(made.tag, made);
      return made.tag ? undefined : made;
    }
    if (!node.completeDefinition) return undefined;
    const made = this.#record(node);
    if (made.tag) this.records.set(`${made.kind} ${made.tag}`, made);
    return made.tag ? undefined : made;
  }

  #record(node: AstNode): CRecord {
    const kind = node.tagUsed === 'union' ? 'union' : 'struct';
    const { file = '', line = 0, col = 0 } = placeOfNode(node);
    const tag = node.name ?? '';
    const inner = node.inner ?? [];
    const members = this.#members(inner);
    const has = (name: string) => inner.some((one) => one.kind === name);
    const packed = has('PackedAttr');
    const pragmaPack = has('MaxFieldAlignmentAttr');
    const aligns = alignsOf(inner);
    const doc = docOf(inner);
    return { kind, tag, file, line, col, members, packed, pragmaPack, aligns, doc };
  }

  #members(inner: readonly AstNode[]): CMember[] {
    const members: CMember[] = [];
    let untagged: CRecord | CEnum | undefined;
    for (const node of inner) {
      if (node.kind === 'RecordDecl' || node.kind === 'EnumDecl') untagged = this.#tagged(node);
      else if (node.kind === 'FieldDecl') members.push(memberOf(node, untagged));
    }
    return members;
  }
}

function memberOf(node: AstNode, untagged: CRecord | CEnum | undefined): CMember {
  const inner = node.inner ?? [];
  const type = node.type?.qualType ?? '';
  const isInline = untagged !== undefined && /\((unnamed|anonymous)/.test(type);
  return {
    name: node.name ?? '',
    type,
    ...(isInline ? { inline: untagged } : {}),
    ...(node.isBitfield ? { bits: Number(constantIn(inner)) } : {}),
    packed: inner.some((one) => one.kind === 'PackedAttr'),
    aligns: alignsOf(inner),
    doc: docOf(inner),
  };
}

function enumOf(node: AstNode): CEnum {
  const { file = '', line = 0 } = placeOfNode(node);
  const inner = node.inner ?? [];
  let next = 0n;
  const values = inner
    .filter((one) => one.kind === 'EnumConstantDecl')
    .map((one) => {
      const given = constantIn(one.inner ?? []);
      const value = given === undefined ? next : BigInt(given);
      next = value + 1n;
      return [one.name ?? '', value] as const;
    });
  const packed = inner.some((one) => one.kind === 'PackedAttr');
  return { kind: 'enum', tag: node.name ?? '', file, line, values, packed, doc: docOf(inner) };
}

/** The value of the first constant expression, also inside implicit casts. */
function constantIn(inner: readonly AstNode[]): string | undefined {
  for (const node of inner) {
    if (node.kind === 'FullComment') continue;
    if (node.value !== undefined) return node.value;
    const deeper = constantIn(node.inner ?? []);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

function alignsOf(inner: readonly AstNode[]): number[] {
  return inner
    .filter((one) => one.kind === 'AlignedAttr')
    .map((one) => {
      const constant = one.inner?.find((part) => part.kind === 'ConstantExpr');
      return Number(constant?.value ?? Number.NaN);
    });
}

function docOf(inner: readonly AstNode[]): string {
  const comment = inner.find((one) => one.kind === 'FullComment');
  return comment
    ? textsIn(comment)
        .join('\n')
        .replaceAll(/[ \t]+$/gm, '')
        .trim()
    : '';
}

function textsIn(node: AstNode): string[] {
  if (node.text !== undefined) return [node.text.trim()];
  return (node.inner ?? []).flatMap(textsIn);
}
