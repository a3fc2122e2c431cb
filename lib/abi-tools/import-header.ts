import { resolve } from 'node:path';
import type { RecordType, Target, Type } from '../abi/index.ts';
import type { CHeader, CRecord } from './c-model.ts';
import { ConvertError, Converter } from './convert.ts';
import { type HeaderOptions, readHeader } from './read-header.ts';

/** One target's definitions of a header's types. */
export interface TargetImport {
  readonly target: Target;
  /** By the name in C: `struct x`, or a typedef's for a type without a tag. */
  readonly types: ReadonlyMap<string, Type>;
  readonly docs: Docs;
  readonly failures: ReadonlyMap<string, string>;
  /** The name of a type that other definitions refer to. */
  readonly nameOf: (type: Type) => string | undefined;
}

/** Comments: of a type by its name in C, of a member by `name.member`. */
export type Docs = ReadonlyMap<string, string>;

export interface ImportOptions extends HeaderOptions {
  /** Types of included headers too, not only those of the file itself and what they use. */
  readonly all?: boolean;
}

/** Reads a header for one target and converts what stands in it. */
export async function importFor(
  file: string,
  target: Target,
  options: ImportOptions = {},
): Promise<TargetImport> {
  const header = await readHeader(file, target.name, options);
  const converter = new Converter(header, target);
  const own = (one: { readonly file: string }) =>
    options.all === true || one.file === resolve(file);
  const failures = new Map<string, string>();
  const wanted = [...namedRecords(header)].filter(([, record]) => own(record));
  for (const [name, record] of wanted) convertOne(converter, record, name, failures);
  for (const found of header.enums.values()) if (own(found)) converter.enumeration(found);
  // Also types of other headers, where those of this one contain them.
  const types = new Map([...converter.names].map(([type, name]) => [name, type]));
  const nameOf = (type: Type) => converter.names.get(type);
  return { target, types, docs: docsOf(header), failures, nameOf };
}

function convertOne(
  converter: Converter,
  record: CRecord,
  name: string,
  failures: Map<string, string>,
): RecordType | undefined {
  try {
    return converter.record(record, record.tag ? '' : name);
  } catch (error) {
    if (!(error instanceof ConvertError)) throw error;
    failures.set(name, error.message);
    return undefined;
  }
}

/** Structs and unions by their name in C; those without a tag by their typedef's. */
function* namedRecords(header: CHeader): Generator<[string, CRecord]> {
  yield* header.records;
  for (const { name, inline } of header.typedefs.values()) {
    if (inline && inline.kind !== 'enum') yield [name, inline];
  }
}

function docsOf(header: CHeader): Docs {
  const docs = new Map<string, string>();
  for (const [name, record] of namedRecords(header)) addDocs(docs, name, record);
  for (const { tag, doc } of header.enums.values()) if (doc) docs.set(`enum ${tag}`, doc);
  return docs;
}

function addDocs(docs: Map<string, string>, name: string, record: CRecord): void {
  if (record.doc) docs.set(name, record.doc);
  record.members.forEach((member, index) => {
    const path = `${name}.${member.name || `_${index}`}`;
    if (member.doc) docs.set(path, member.doc);
    if (member.inline && member.inline.kind !== 'enum') addDocs(docs, path, member.inline);
  });
}
