/** The stacks of `#pragma pack`, as clang and as GCC keep them. `apply` takes what stands behind `pack`. */

interface Kept {
  readonly label: string | undefined;
  readonly pack: number | undefined;
}

export class PackStack {
  current: number | undefined;
  readonly #kept: Kept[] = [];

  /** In the brackets: `4`, `push, 4`, `push, label, 4`, `pop`, `pop, label`, nothing. */
  apply(text: string): void {
    const words = /^\s*\(([^)]*)\)/.exec(text)?.[1];
    if (words === undefined) return;
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

const inBrackets = /^\s*\(\s*([^)]*?)\s*\)/;
const small = new Set([0, 1, 2, 4, 8, 16]);

/**
 * gcc/c-family/c-pragma.cc, handle_pragma_pack: it expands no macros, pops the top where the label is not
 * found, takes no number with a pop, and ignores what it does not know; what is behind the bracket it does not mind.
 */
export class GccPackStack {
  /** What was pushed, and what holds beneath the first. */
  readonly #kept: Kept[] = [];
  #outer: number | undefined;

  get current(): number | undefined {
    const top = this.#kept.at(-1);
    return top ? top.pack : this.#outer;
  }

  apply(text: string): void {
    const words = inBrackets.exec(text)?.[1];
    if (words === undefined) return;
    const [first = '', ...rest] = words.split(/\s*,\s*/);
    if (first === 'push') this.#push(rest);
    else if (first === 'pop') this.#pop(rest);
    else if (rest.length === 0 && (first === '' || isSmall(first))) this.#set(numberOf(first));
  }

  #set(pack: number | undefined): void {
    const top = this.#kept.pop();
    if (top) this.#kept.push({ ...top, pack });
    else this.#outer = pack;
  }

  #push(rest: readonly string[]): void {
    const labels = rest.filter(isLabel);
    const numbers = rest.filter(isSmall);
    const isKnown = labels.length < 2 && numbers.length < 2;
    if (!isKnown || labels.length + numbers.length < rest.length) return;
    const [number] = numbers;
    const pack = number === undefined ? this.current : numberOf(number);
    this.#kept.push({ label: labels[0], pack });
  }

  #pop(rest: readonly string[]): void {
    const [label] = rest;
    if (rest.length > 1 || (label !== undefined && !isLabel(label))) return;
    const at = label === undefined ? -1 : this.#kept.findLastIndex((one) => one.label === label);
    this.#kept.splice(at);
  }
}

function isLabel(word: string): boolean {
  return /^[A-Za-z_]\w*$/.test(word);
}

function isSmall(word: string): boolean {
  return /^\d/.test(word) && small.has(integerOf(word));
}

/** 0 and nothing take a number back. */
function numberOf(word: string): number | undefined {
  return integerOf(word) || undefined;
}

function integerOf(word: string): number {
  const [, digits = ''] = /^(0x[\da-f]+|\d+)[ul]*$/i.exec(word) ?? [];
  return /^0\d/.test(digits)
    ? Number.parseInt(digits, 8)
    : digits === ''
      ? Number.NaN
      : Number(digits);
}
