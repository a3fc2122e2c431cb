import { readFileSync } from 'node:fs';
import type { CRecord } from './c-model.ts';

/** The number of the `#pragma pack` that is in force at a declaration; undefined where it is not found. */
export type PackOf = (record: CRecord) => number | undefined;

/** From a line of a file on, until the next of that file. */
interface State {
  readonly line: number;
  readonly pack: number | undefined;
}

const marker = /^# (\d+) "((?:[^"\\]|\\.)*)"/;
const pragma = /^\s*#\s*pragma\s+pack\s*\(([^)]*)\)/;

/** clang's AST does not print it. Its preprocessor keeps the pragmas, those of included files too. */
export function packsIn(preprocessed: string): PackOf {
  const states = statesIn(preprocessed);
  const files = new Map<string, Buffer>();
  return ({ file, span }) => {
    const own = states.get(file);
    if (!own) return undefined;
    const bytes = files.get(file) ?? readFileSync(file);
    files.set(file, bytes);
    const line = lineAt(bytes, span.from);
    return own.findLast((one) => one.line <= line)?.pack;
  };
}

function statesIn(preprocessed: string): ReadonlyMap<string, readonly State[]> {
  const states = new Map<string, State[]>();
  const stack = new PackStack();
  let [file, line] = ['', 0];
  const add = () => states.set(file, [...(states.get(file) ?? []), { line, pack: stack.current }]);
  for (const text of preprocessed.split('\n')) {
    const [, number, name] = marker.exec(text) ?? [];
    const [, words] = pragma.exec(text) ?? [];
    if (name !== undefined) {
      [file, line] = [name.replaceAll(/\\(.)/g, '$1'), Number(number)];
      add();
      continue;
    }
    if (words !== undefined) {
      stack.apply(words);
      add();
    }
    line += 1;
  }
  return states;
}

class PackStack {
  current: number | undefined;
  readonly #kept: { readonly label: string | undefined; readonly pack: number | undefined }[] = [];

  /** What stands in the brackets: `4`, `push, 4`, `push, label, 4`, `pop`, `pop, label`, nothing. */
  apply(words: string): void {
    const [first = '', ...rest] = words.split(',').map((one) => one.trim());
    const label = rest.find((one) => /^[A-Za-z_]/.test(one));
    const number = rest.find((one) => /^\d/.test(one));
    if (first === 'push') this.#kept.push({ label, pack: this.current });
    else if (first === 'pop') this.#pop(label);
    else if (first !== 'show') this.current = Number(first) || undefined;
    if (number !== undefined) this.current = Number(number) || undefined;
  }

  #pop(label: string | undefined): void {
    const at = label === undefined ? -1 : this.#kept.findLastIndex((one) => one.label === label);
    if (label !== undefined && at < 0) return;
    const [kept] = this.#kept.splice(at);
    if (kept) this.current = kept.pack;
  }
}

function lineAt(bytes: Buffer, offset: number): number {
  let line = 1;
  for (let at = bytes.indexOf('\n'); at >= 0 && at < offset; at = bytes.indexOf('\n', at + 1))
    line += 1;
  return line;
}
