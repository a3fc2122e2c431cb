import { readFileSync } from 'node:fs';
import { type AstLocation, type AstNode, Locations, placeOfNode } from './ast.ts';
import { isByValue } from './behind.ts';
import type {
  Attributes,
  CDeclarations,
  CEnum,
  CMember,
  CObject,
  CRecord,
  CTypedef,
  Span,
} from './c-model.ts';
import { parseCType } from './c-type.ts';

const wanted = new Set(['RecordDecl', 'EnumDecl', 'TypedefDecl']);
const declarators = new Set(['TypedefDecl', 'VarDecl', 'FunctionDecl']);

/** Builds the model of a header from clang's top-level declarations, one after the other. */
export class Collector implements CDeclarations {
  readonly records = new Map<string, CRecord>();
  readonly enums = new Map<string, CEnum>();
  readonly typedefs = new Map<string, CTypedef>();
  /** Those without a tag that no typedef names and no member holds: only their enumerators are used. */
  readonly looseEnums = new Set<CEnum>();
  readonly enumerators = new Set<string>();
  readonly parents = new Map<CRecord | CEnum, CRecord>();
  readonly objects: CObject[] = [];
  /** The struct, union or enumeration without a tag whose declarators follow. */
  #open: CRecord | CEnum | undefined;
  readonly #locations = new Locations();
  /** Those without a tag, by clang's own number for the declaration. */
  readonly #untagged = new Map<string, CRecord | CEnum>();

  /** What has been declared so far beside the declaration that is read. */
  #inside: (CRecord | CEnum)[] = [];

  /** Whether the AST names an attribute without its value: clang's layouts then tell. */
  needsLayouts = false;
  /** A struct or union is under a `#pragma pack`. */
  hasPacks = false;

  /** How far clang is: the file and line of the last declaration. */
  get current(): { readonly file: string; readonly line: number } {
    return this.#locations.current;
  }

  add(declaration: Buffer): void {
    const kind = kindOf(declaration);
    const isDeclarator = this.#open !== undefined && declarators.has(kind);
    if (!wanted.has(kind) && !isDeclarator) {
      this.#locations.skip(declaration);
      return;
    }
    const node = JSON.parse(declaration.toString()) as AstNode;
    this.#locations.fill(node);
    if (isDeclarator) this.#declarator(node);
    if (kind === 'TypedefDecl') this.#typedef(node);
    else if (wanted.has(kind)) {
      this.#open = this.#tagged(node);
    }
    this.#inside = [];
  }

  /** One of the declarators behind what has no tag. */
  #declarator(node: AstNode): void {
    const { name = '', kind } = node;
    const texts = textsOf(node);
    const inline = this.#open;
    const isOf = inline && isUntagged(texts.type, inline);
    if (!isOf) {
      this.#open = undefined;
      return;
    }
    const isTypedef = kind === 'TypedefDecl';
    if (isTypedef && isByValue(texts) && parseCType(texts.type).lengths.length === 0) return;
    this.objects.push({ name, ...texts, file: placeIn(node).file, inline, isTypedef });
  }

  #typedef(node: AstNode): void {
    const { name = '', inner = [] } = node;
    // What is built in is its own typedef.
    if (node.type?.qualType === name) return;
    const named = this.#untagged.get(declarationIn(inner) ?? '');
    const inline = named ? { inline: named } : {};
    const isAlone = parseCType(textsOf(node).type).lengths.length === 0;
    if (named?.kind === 'enum' && isAlone) this.looseEnums.delete(named);
    const made = { name, ...textsOf(node), ...placeIn(node), aligns: alignsOf(inner) };
    if (made.aligns.some(Number.isNaN)) this.needsLayouts = true;
    this.typedefs.set(name, { ...made, ...inline });
  }

  /** Takes a struct, union or enumeration in; returns it if it has no tag. */
  #tagged(node: AstNode): CRecord | CEnum | undefined {
    const made = node.kind === 'EnumDecl' ? this.#enumeration(node) : this.#record(node);
    if (!made) return undefined;
    this.#inside.push(made);
    if (made.kind === 'enum') for (const [name] of made.values) this.enumerators.add(name);
    if (made.tag === '') {
      this.#untagged.set(node.id ?? '', made);
      if (made.kind === 'enum') this.looseEnums.add(made);
      return made;
    }
    // `enum e : short;` is a whole type, and may have its enumerators elsewhere.
    const isAnnounced =
      made.kind === 'enum' && made.values.length === 0 && this.enums.has(made.tag);
    if (isAnnounced) return undefined;
    if (made.kind === 'enum') this.enums.set(made.tag, made);
    else this.records.set(`${made.kind} ${made.tag}`, made);
    return undefined;
  }

  /** Takes in what its values declare, too: `enum e { A = sizeof(struct s { … }) };`. */
  #enumeration(node: AstNode): CEnum | undefined {
    for (const one of node.inner ?? []) {
      if (one.kind === 'RecordDecl' || one.kind === 'EnumDecl') this.#tagged(one);
    }
    return enumOf(node);
  }

  #record(node: AstNode): CRecord | undefined {
    if (!node.completeDefinition) return undefined;
    const kind = node.tagUsed === 'union' ? 'union' : 'struct';
    const inner = node.inner ?? [];
    const has = (name: string) => inner.some((one) => one.kind === name);
    const outside = this.#inside.splice(0);
    const made: CRecord = {
      kind,
      tag: node.name ?? '',
      ...placeIn(node),
      members: this.#members(inner),
      packed: has('PackedAttr'),
      pragmaPack: has('MaxFieldAlignmentAttr'),
      aligns: alignsOf(inner),
      ...asOfGcc(inner, ({ inherited }) => !inherited),
      doc: docOf(inner),
    };
    for (const one of this.#inside) this.parents.set(one, made);
    this.#inside = outside;
    const aligns = [...made.aligns, ...made.members.flatMap((one) => one.aligns)];
    if (made.pragmaPack) this.hasPacks = true;
    if (made.pragmaPack || aligns.some(Number.isNaN)) this.needsLayouts = true;
    return made;
  }

  #members(inner: readonly AstNode[]): CMember[] {
    const members: CMember[] = [];
    let untagged: CRecord | CEnum | undefined;
    for (const node of inner) {
      if (node.kind === 'RecordDecl' || node.kind === 'EnumDecl') untagged = this.#tagged(node);
      else if (node.kind === 'FieldDecl') {
        const member = memberOf(node, untagged);
        const isHeld = member.name !== '' && isByValue(member);
        if (member.inline?.kind === 'enum' && isHeld) this.looseEnums.delete(member.inline);
        members.push(member);
      }
    }
    return members;
  }
}

function isUntagged(type: string, { kind }: CRecord | CEnum): boolean {
  return type.includes(`${kind} `) && /\((?:unnamed|anonymous)/.test(type);
}

/** The kind of a declaration, which stands in its first lines. */
function kindOf(declaration: Buffer): string {
  const head = declaration.subarray(0, 200).toString('latin1');
  return /"kind": "(\w+)"/.exec(head)?.[1] ?? '';
}

/** The struct, union or enumeration that a typedef's type comes down to. */
function declarationIn(inner: readonly AstNode[]): string | undefined {
  for (const node of inner) {
    if (node.decl?.id !== undefined && isTagType.test(node.kind ?? '')) return node.decl.id;
    const deeper = typeNode.test(node.kind ?? '') && declarationIn(node.inner ?? []);
    if (deeper) return deeper;
  }
  return undefined;
}

const isTagType = /^(?:RecordType|EnumType)$/;
/** Not a typedef's (that names its own), and not what a pointer points to. */
const typeNode = /^(?:Elaborated|Paren|Attributed|Qual|ConstantArray|IncompleteArray)Type$/;

function textsOf({ type }: AstNode): { readonly type: string; readonly desugared: string } {
  const written = type?.qualType ?? '';
  return { type: written, desugared: type?.desugaredQualType ?? written };
}

function placeIn(node: AstNode): { readonly file: string; readonly span: Span } {
  const at = (place: AstLocation | undefined) =>
    (place?.expansionLoc ?? place)?.offset ?? placeOfNode(node).offset ?? 0;
  const span = { from: at(node.range?.begin), to: at(node.range?.end) };
  return { file: placeOfNode(node).file ?? '', span };
}

function memberOf(node: AstNode, untagged: CRecord | CEnum | undefined): CMember {
  const inner = node.inner ?? [];
  const texts = textsOf(node);
  const isInline = untagged !== undefined && /\((unnamed|anonymous)/.test(texts.type);
  return {
    name: node.name ?? '',
    ...texts,
    span: placeIn(node).span,
    ...(isInline ? { inline: untagged } : {}),
    ...(node.isBitfield ? { bits: Number(constantIn(inner)) } : {}),
    packed: inner.some((one) => one.kind === 'PackedAttr'),
    aligns: alignsOf(inner),
    ...asOfGcc(inner, node.name || node.isBitfield ? isOutside(node) : isKeyword),
    doc: docOf(inner),
  };
}

/**
 * GCC ignores attributes of a struct's earlier declaration, those in front of an anonymous one, and
 * `packed` inside a declarator.
 */
function asOfGcc(
  inner: readonly AstNode[],
  isTaken: (attribute: AstNode) => boolean,
): { readonly gcc?: Attributes } {
  const all = inner.filter(({ kind }) => kind === 'PackedAttr' || kind === 'AlignedAttr');
  const taken = all.filter(isTaken);
  if (taken.length === all.length) return {};
  const packed = taken.some(({ kind }) => kind === 'PackedAttr');
  return { gcc: { packed, aligns: alignsOf(taken) } };
}

/** `_Alignas(n)`: clang has the keyword for its place, and of `aligned(n)` the brackets, too. */
function isKeyword({ kind, range, inner = [] }: AstNode): boolean {
  const at = (place: AstLocation | undefined) => (place?.spellingLoc ?? place)?.offset;
  return kind === 'AlignedAttr' && inner.length > 0 && at(range?.begin) === at(range?.end);
}

/** Tells of `packed` whether it stands outside the member's declarator: not behind a star or in brackets. */
function isOutside(member: AstNode): (attribute: AstNode) => boolean {
  const { file, span } = placeIn(member);
  const name = (member.loc?.expansionLoc ?? member.loc)?.offset ?? span.to;
  return (attribute) => {
    const { from } = placeIn(attribute).span;
    if (attribute.kind !== 'PackedAttr' || from <= span.from || from >= name) return true;
    const written = textOf(file).toString('latin1', span.from, from);
    return !/[*(]/.test(withoutGroups(written).replace(openAttribute, ''));
  };
}

/** Empty if it cannot be read here, as of a clang in a container. */
function textOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

/** What leads to the name of an attribute. */
const openAttribute = /(?:\b__attribute(?:__)?\s*\(\s*\(|\[\[)(?:(?!\b__attribute|\[\[)[\s\S])*$/;
const comment = /\/\*[\s\S]*?\*\/|\/\/.*/g;
const group = /\([^()]*\)|\{[^{}]*\}|\[[^[\]]*\]/g;

/** C without comments and without all that stands in closed brackets. */
function withoutGroups(text: string): string {
  let [last, rest] = ['', text.replaceAll(comment, '')];
  while (rest !== last) [last, rest] = [rest, rest.replaceAll(group, '')];
  return rest;
}

/** undefined for one that is only announced. */
function enumOf(node: AstNode): CEnum | undefined {
  const inner = node.inner ?? [];
  const isAlone = !inner.some((one) => one.kind === 'EnumConstantDecl');
  if (isAlone && node.fixedUnderlyingType === undefined) return undefined;
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
  const underlying = node.fixedUnderlyingType;
  const written = underlying?.desugaredQualType ?? underlying?.qualType;
  return {
    kind: 'enum',
    tag: node.name ?? '',
    ...placeIn(node),
    ...(written === undefined ? {} : { underlying: written }),
    values,
    packed,
    doc: docOf(inner),
  };
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
    })
    .filter((align) => align !== 0); // has no effect: C11 6.7.5
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
