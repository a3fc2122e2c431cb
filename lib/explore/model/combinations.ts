import { byteOf } from '../../memory-model/index.ts';
import type { Path } from './step.ts';

/** What a path needs of others, and what it gives them: a bit for each value of a byte. */
interface Ends {
  readonly needs: Int32Array;
  readonly gives: Int32Array;
}

/**
 * Every choice of a path for each actor in which each byte that is read has been written with that
 * value by somebody, or was so at the start. Whoever wrote it is not asked here.
 */
export function eachCombination(
  memory: Uint8Array,
  paths: readonly (readonly Path[])[],
  visit: (chosen: readonly Path[]) => void,
): void {
  const bits = new Map<number, number>();
  const ends = paths.map((all) => all.map((path) => endsOf(memory, path, bits)));
  const words = (bits.size + 31) >> 5;
  const widened = ends.map((all) =>
    all.map(({ needs, gives }) => ({ needs: wide(needs, words), gives: wide(gives, words) })),
  );
  const chosen: number[] = [];
  const choose = (actor: number): void => {
    if (actor === paths.length) {
      if (isGiven(widened, chosen, words)) {
        visit(chosen.map((index, at) => paths[at]?.[index] as Path));
      }
      return;
    }
    for (let index = 0; index < (paths[actor]?.length ?? 0); index++) {
      chosen[actor] = index;
      choose(actor + 1);
    }
  };
  choose(0);
}

/** How many choices there are, fitting or not. */
export function countCombinations(paths: readonly (readonly Path[])[]): number {
  return paths.reduce((product, { length }) => product * length, 1);
}

function endsOf(memory: Uint8Array, { steps }: Path, bits: Map<number, number>): Ends {
  const needs: number[] = [];
  const gives: number[] = [];
  const newest = new Map<number, number>();
  for (const step of steps) {
    if (step.reads) {
      for (let index = 0; index < step.size; index++) {
        const address = step.address + index;
        const byte = byteOf(step.read.lo, step.read.hi, index);
        const own = newest.get(address) ?? (memory[address] as number);
        if (byte !== own) needs.push(bitOf(bits, address, byte));
      }
    }
    if (!step.writes) continue;
    for (let index = 0; index < step.size; index++) {
      const byte = byteOf(step.lo, step.hi, index);
      newest.set(step.address + index, byte);
      gives.push(bitOf(bits, step.address + index, byte));
    }
  }
  return { needs: Int32Array.from(needs), gives: Int32Array.from(gives) };
}

function bitOf(bits: Map<number, number>, address: number, byte: number): number {
  const key = address * 256 + byte;
  const known = bits.get(key) ?? bits.size;
  bits.set(key, known);
  return known;
}

function wide(list: Int32Array, words: number): Int32Array {
  const row = new Int32Array(words);
  for (const bit of list) row[bit >> 5] = (row[bit >> 5] as number) | (1 << (bit & 31));
  return row;
}

function isGiven(ends: readonly Ends[][], chosen: readonly number[], words: number): boolean {
  const of = (actor: number) => ends[actor]?.[chosen[actor] as number] as Ends;
  for (let actor = 0; actor < chosen.length; actor++) {
    for (let word = 0; word < words; word++) {
      let given = 0;
      for (let other = 0; other < chosen.length; other++) {
        if (other !== actor) given |= of(other).gives[word] as number;
      }
      if (((of(actor).needs[word] as number) & ~given) !== 0) return false;
    }
  }
  return true;
}
