import type { Target, Type } from '../abi/index.ts';
import { UserError } from '../user-error.ts';
import type { Refusal, Source } from './ask.ts';
import { prefixFor } from './ask-source.ts';
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
 * and a header can have members for another compiler, or for C++, alone.
 */
export async function declaredBy(
  header: HeaderSource,
  items: readonly NamedType[],
  target: Target,
  compiler: Compiler,
): Promise<DeclaredBy> {
  const source = headerSource(header, items, target, compiler)(items);
  const prefix = prefixFor(source.prelude);
  const flags = [...(source.flags ?? []), '-g'];
  const compile = (more: readonly string[]) =>
    compileC(textOf(source, prefix), target, compiler, [...flags, ...more]);
  const shut = await compile([]);
  const isKept = typeof shut === 'string' && isKeptPrivate(shut, target);
  const compiled = isKept ? await compile([withoutAccess]) : shut;
  if (typeof compiled === 'string')
    return failed(items, `${compiler.name} makes no debug information: ${firstError(compiled)}`);
  try {
    return read(compiled, items, prefix, target, compiler);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return failed(items, error.message);
  }
}

/**
 * A variable points to each type: the compiler tells nothing of what is not used. clang tells what a struct
 * of C++ holds where that is needed, as for its size. Of a type without any name a variable is no other file's,
 * and C++ drops that unless it is used.
 */
function textOf({ prelude, questions }: Source, prefix: string): string {
  const lines = questions.flatMap(({ name, spelled = name }, at) => {
    const [typedef, pointer] = [`${prefix}t${at}`, `${prefix}p${at}`];
    return [
      `typedef ${spelled} ${typedef};`,
      `extern ${typedef} *${pointer};`,
      `__attribute__((__used__)) ${typedef} *${pointer} = 0;`,
      `extern char ${prefix}s${at}[sizeof(${typedef})];`,
    ];
  });
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
      const id = typedefs.get(`${prefix}t${at}`);
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
