import { readFileSync } from 'node:fs';
import type { CRecord } from './c-model.ts';
import { GccPackStack, PackStack } from './pack-stack.ts';

/** The numbers of the `#pragma pack`s that are in force at a header's structs; undefined for none. */
export interface PacksIn {
  /** clang's, at the opening brace; undefined, too, where it is not found. */
  readonly packOf: (record: CRecord) => number | undefined;
  /** Of the structs that begin in the line where it does, GCC's, which are those at the closing brace. */
  readonly ofGcc: (record: CRecord) => readonly (number | undefined)[];
}

/** From a line of a file on, until the next of that file. */
interface State {
  readonly line: number;
  readonly pack: number | undefined;
}

const marker = /^# (\d+) "((?:[^"\\]|\\.)*)"/;
const pragma = /^\s*#\s*pragma\s+pack\b(.*)$/;
const tokens = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\b(?:struct|union|enum)\b|[{};=]/g;

/** Whether a file may have a `#pragma pack`; one that cannot be read may. */
export function mayPack(file: string): boolean {
  try {
    const bytes = readFileSync(file);
    return bytes.includes('ragma') && /ragma\W+pack\b/.test(bytes.toString('latin1'));
  } catch {
    return true;
  }
}

/** clang's AST does not print it. Its preprocessor keeps the pragmas, those of included files too. */
export function packsIn(preprocessed: string): PacksIn {
  const { states, closed } = new Scan(preprocessed);
  const files = new Map<string, Buffer>();
  const lineOf = ({ file, span }: CRecord): number => {
    const bytes = files.get(file) ?? readFileSync(file);
    files.set(file, bytes);
    return lineAt(bytes, span.from);
  };
  return {
    packOf: (record) => {
      const own = states.get(record.file);
      if (!own) return undefined;
      const line = lineOf(record);
      return own.findLast((one) => one.line <= line)?.pack;
    },
    ofGcc: (record) => {
      const own = closed.get(record.file);
      if (!own) return [];
      return own.get(lineOf(record)) ?? [];
    },
  };
}

/** A brace that is open, and the line of the keyword in front of it. */
interface Open {
  readonly file: string;
  readonly line: number;
}

/** What the preprocessor printed, line by line. */
class Scan {
  readonly states = new Map<string, State[]>();
  /** By file and line of the keyword, GCC's number at each struct's closing brace. */
  readonly closed = new Map<string, Map<number, (number | undefined)[]>>();
  readonly #clang = new PackStack();
  readonly #gcc = new GccPackStack();
  readonly #open: (Open | undefined)[] = [];
  #keyword: Open | undefined;
  #file = '';
  #line = 0;

  constructor(preprocessed: string) {
    for (const text of preprocessed.split('\n')) this.#read(text);
  }

  #read(text: string): void {
    const [, number, name] = marker.exec(text) ?? [];
    if (name !== undefined) {
      [this.#file, this.#line] = [name.replaceAll(/\\(.)/g, '$1'), Number(number)];
      this.#add();
      return;
    }
    const [, words] = pragma.exec(text) ?? [];
    if (words !== undefined) {
      this.#clang.apply(words);
      this.#gcc.apply(words);
      this.#add();
    } else if (!text.startsWith('#'))
      for (const [token] of text.matchAll(tokens)) this.#take(token);
    this.#line += 1;
  }

  #add(): void {
    const own = this.states.get(this.#file) ?? [];
    this.states.set(this.#file, own);
    own.push({ line: this.#line, pack: this.#clang.current });
  }

  #take(token: string): void {
    if (token === 'struct' || token === 'union')
      this.#keyword = { file: this.#file, line: this.#line };
    else if (token === '}') this.#close(this.#open.pop());
    else {
      if (token === '{') this.#open.push(this.#keyword);
      if (!/^["']/.test(token)) this.#keyword = undefined;
    }
  }

  #close(open: Open | undefined): void {
    this.#keyword = undefined;
    if (!open) return;
    const lines = this.closed.get(open.file) ?? new Map<number, (number | undefined)[]>();
    this.closed.set(open.file, lines);
    lines.set(open.line, [...(lines.get(open.line) ?? []), this.#gcc.current]);
  }
}

function lineAt(bytes: Buffer, offset: number): number {
  let line = 1;
  for (let at = bytes.indexOf('\n'); at >= 0 && at < offset; at = bytes.indexOf('\n', at + 1))
    line += 1;
  return line;
}
