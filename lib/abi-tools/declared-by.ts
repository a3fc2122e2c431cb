import type { Target, Type } from '../abi/index.ts';
import { UserError } from '../user-error.ts';
import type { Refusal, Source } from './ask.ts';
import { prefixFor, toldType, typedefFor } from './ask-source.ts';
import { compileC, isKeptPrivate, withoutAccess } from './compile-c.ts';
import { type Compiler, firstError } from './compilers.ts';
import { ConvertError } from './convert.ts';
import { typedefsIn } from './debug-bits.ts';
import { DebugConverter } from './debug-convert.ts';
import type { ElfObject } from './elf.ts';
import { type HeaderSource, headerSource } from './header-source.ts';
import type { NamedType } from './names-in.ts';

export interface DeclaredBy {
  /** By their names in C. */
  readonly types: ReadonlyMap<string, Type>;
  readonly failures: readonly Refusal[];
}

/**
 * A header's types with all that a compiler has there, by its debug information: import reads C with clang,
 * and a header can have members for another compiler, or for C++, alone. `known`: an object that tells all of
 * them already.
 */
export async function declaredBy(
  header: HeaderSource,
  items: readonly NamedType[],
  target: Target,
  compiler: Compiler,
  known?: ElfObject,
): Promise<DeclaredBy> {
  const source = headerSource(header, items, target, compiler)(items);
  const prefix = prefixFor(source.prelude);
  if (known) return readOrFail(known, items, prefix, target, compiler);
  const flags = [...(source.flags ?? []), '-g'];
  const compile = (more: readonly string[]) =>
    compileC(textOf(source, prefix), target, compiler, [...flags, ...more]);
  const shut = await compile([]);
  const isKept = typeof shut === 'string' && isKeptPrivate(shut, target);
  const compiled = isKept ? await compile([withoutAccess]) : shut;
  if (typeof compiled === 'string')
    return failed(items, `${compiler.name} makes no debug information: ${firstError(compiled)}`);
  return readOrFail(compiled, items, prefix, target, compiler);
}

function readOrFail(...asked: Parameters<typeof read>): DeclaredBy {
  try {
    return read(...asked);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return failed(asked[1], error.message);
  }
}

function textOf({ prelude, questions }: Source, prefix: string): string {
  const lines = questions.flatMap(({ name, spelled = name }, at) =>
    toldType(spelled, typedefFor(prefix, at)),
  );
  return [prelude, ...lines, ''].join('\n');
}

function read(
  object: ElfObject,
  items: readonly NamedType[],
  prefix: string,
  target: Target,
  compiler: Compiler,
): DeclaredBy {
  const debug = object.debugTypes();
  if (!debug) return failed(items, `${compiler.name} makes no debug information`);
  const typedefs = typedefsIn(debug);
  const converter = new DebugConverter(debug, target);
  const types = new Map<string, Type>();
  const failures: Refusal[] = [];
  for (const [at, [record]] of items.entries()) {
    try {
      const id = typedefs.get(typedefFor(prefix, at));
      if (id === undefined) throw new ConvertError(`${compiler.name} does not tell of it`);
      types.set(record, converter.type(id));
    } catch (error) {
      if (!(error instanceof ConvertError)) throw error;
      failures.push({ record, reason: reasonFor(error.message) });
    }
  }
  return { types, failures };
}

function failed(items: readonly NamedType[], why: string): DeclaredBy {
  const failures = items.map(([record]) => ({ record, reason: reasonFor(why) }));
  return { types: new Map(), failures };
}

function reasonFor(why: string): string {
  return `whether a member is left out (${why})`;
}
