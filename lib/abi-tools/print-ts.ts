import type { Condition, EnumType, Field, RecordOptions, RecordType, Type } from '../abi/index.ts';
import * as abi from '../abi/index.ts';
import { identifier } from './identifier.ts';
import type { Docs } from './import-header.ts';
import { keywordsOfTypeScript } from './keywords.ts';
import type { Merged } from './merge.ts';

/** Writing definitions as a TypeScript module that imports `syslets/abi`. */

export interface PrintOptions {
  /** Names in C of the types to print, with what they use; default: all. */
  readonly only?: readonly string[];
  /** The module that the definitions are imported from. */
  readonly from?: string;
  /** A first line: where the definitions come from. */
  readonly origin?: string;
}

/** The source of a module that exports each type, after the types that it uses. */
export function printTypeScript(merged: Merged, docs: Docs, options: PrintOptions = {}): string {
  const printer = new Printer(merged, docs);
  for (const name of options.only ?? merged.types.keys()) printer.declare(name);
  const imported = [...printer.used].sort();
  const from = options.from ?? 'syslets/abi';
  const lines = wrapped(`import { ${imported.join(', ')} } from '${from}';`, imported, from);
  const origin = options.origin ? [`// ${oneLine(options.origin)}`, ''] : [];
  return [...origin, ...lines, '', ...printer.lines].join('\n');
}

function wrapped(line: string, imported: readonly string[], from: string): string[] {
  if (line.length <= 100) return [line];
  return ['import {', ...imported.map((name) => `  ${name},`), `} from '${from}';`];
}

class Printer {
  readonly used = new Set<string>();
  readonly lines: string[] = [];
  readonly #merged: Merged;
  readonly #docs: Docs;
  readonly #constants = new Map<string, string>();
  readonly #taken = new Set<string>([...Object.keys(abi), ...keywordsOfTypeScript]);

  constructor(merged: Merged, docs: Docs) {
    this.#merged = merged;
    this.#docs = docs;
  }

  /** Declares the type of that name in C, once; returns the constant's name. */
  declare(name: string): string {
    const known = this.#constants.get(name);
    if (known) return known;
    const type = this.#merged.types.get(name) as Type;
    const primary = this.#merged.nameOf(type);
    const isAlias = primary !== undefined && primary !== name;
    const text = isAlias ? this.declare(primary) : this.#whole(type, name);
    const constant = this.#constant(name);
    this.#constants.set(name, constant);
    this.lines.push(
      ...docLines(this.#docs.get(name), ''),
      `export const ${constant} = ${text};`,
      '',
    );
    return constant;
  }

  #constant(name: string): string {
    const wanted = identifier(name.replace(/^(?:struct|union|enum) /, ''));
    let constant = wanted;
    for (let count = 2; this.#taken.has(constant); count++) {
      constant = count === 2 ? `${wanted}_` : `${wanted}_${count}`;
    }
    this.#taken.add(constant);
    return constant;
  }

  #use(name: string): string {
    this.used.add(name);
    return name;
  }

  #field(field: Field, path: string, indent: string): string {
    const name = this.#merged.nameOf(field as Type);
    return name === undefined ? this.#whole(field, path, indent) : this.declare(name);
  }

  #whole(field: Field, path: string, indent = ''): string {
    switch (field.kind) {
      case 'scalar':
        return this.#use(field.scalar);
      case 'pointer':
        return `${this.#use('pointer')}(${field.to === 'void' ? '' : quote(field.to)})`;
      case 'array':
        return `${this.#use('array')}(${this.#field(field.of, path, indent)}, ${field.length})`;
      case 'flexible':
        return `${this.#use('flexible')}(${this.#field(field.of, path, indent)})`;
      case 'aligned':
        return `${this.#use('aligned')}(${field.align}, ${this.#field(field.type, path, indent)})`;
      case 'enum':
        return this.#enumeration(field, indent);
      case 'struct':
      case 'union':
        return this.#record(field, path, indent);
      case 'absent':
        return this.#use('absent');
      case 'bits': {
        const what = this.#use(field.unnamed ? 'unnamedBits' : 'bits');
        const type = this.#field(field.type, path, indent);
        return `${what}(${type}, ${field.width}${options(field)})`;
      }
      case 'member': {
        const what = this.#use(field.anonymous ? 'anonymous' : 'member');
        return `${what}(${this.#field(field.type, path, indent)}${options(field)})`;
      }
      case 'variant': {
        const cases = field.cases.map(({ when, type }) => {
          const text = this.#field(type, path, `${indent}    `);
          return `${indent}    ${this.#use('when')}(${conditionText(when)}, ${text}),\n`;
        });
        const rest = this.#field(field.otherwise, path, `${indent}  `);
        const inside = `${indent}  [\n${cases.join('')}${indent}  ],\n${indent}  ${rest},\n${indent}`;
        return `${this.#use('variant')}(\n${inside})`;
      }
    }
  }

  #record(type: RecordType, path: string, indent: string): string {
    const lines = Object.entries(type.fields).flatMap(([key, field]) => {
      const inner = `${path}.${key}`;
      const text = this.#field(field, inner, `${indent}  `);
      const docs = docLines(this.#docs.get(inner), `${indent}  `);
      return [...docs, `${indent}  ${propertyKey(key)}: ${text},`];
    });
    const body = lines.length > 0 ? `{\n${lines.join('\n')}\n${indent}}` : '{}';
    return `${this.#use(type.kind)}(${quote(type.name)}, ${body}${options(type)})`;
  }

  #enumeration(type: EnumType, indent: string): string {
    const lines = Object.entries(type.values).map(([key, value]) => {
      return `${indent}  ${propertyKey(key)}: ${value}${typeof value === 'bigint' ? 'n' : ''},`;
    });
    const what = this.#use('enumeration');
    const body = lines.length > 0 ? `{\n${lines.join('\n')}\n${indent}}` : '{}';
    return `${what}(${quote(type.name)}, ${body}${enumOptions(type)})`;
  }
}

/** `__proto__` in an object literal would set its prototype. */
function propertyKey(key: string): string {
  if (key === '__proto__') return "['__proto__']";
  return identifier(key) === key ? key : quote(key);
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', ' ')}'`;
}

function options(from: RecordOptions): string {
  const list = [
    from.packed ? 'packed: true' : '',
    from.pack ? `pack: ${from.pack}` : '',
    from.align ? `align: ${from.align}` : '',
  ].filter(Boolean);
  return list.length > 0 ? `, { ${list.join(', ')} }` : '';
}

function enumOptions({ packed, base }: EnumType): string {
  const list = [packed ? 'packed: true' : '', base ? `base: ${quote(base)}` : ''].filter(Boolean);
  return list.length > 0 ? `, { ${list.join(', ')} }` : '';
}

function conditionText(condition: Condition): string {
  const parts = Object.entries(condition).map(([key, value]) => {
    if (Array.isArray(value))
      return `${key}: [${value.map((one) => quote(String(one))).join(', ')}]`;
    return `${key}: ${typeof value === 'string' ? quote(value) : value}`;
  });
  return `{ ${parts.join(', ')} }`;
}

function docLines(doc: string | undefined, indent: string): string[] {
  if (!doc) return [];
  const lines = doc.replaceAll('*/', '*\\/').split('\n');
  if (lines.length === 1) return [`${indent}/** ${lines[0]} */`];
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
