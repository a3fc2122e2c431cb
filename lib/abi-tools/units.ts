import { join } from 'node:path';
import { temporaryFolder } from '../temporary-folder.ts';
import { clangFile } from './compilers.ts';
import { inSlot, type RunOptions, start } from './run.ts';
import { isSelfContained } from './self-contained.ts';
import { compileTogether } from './together.ts';
import { contentOf, type Made, type Unit, written } from './unit.ts';

/**
 * Most of what a small source costs is the start of the compiler: those that wait under the same flags
 * get one together.
 */

interface Waiting {
  readonly unit: Unit;
  readonly resolve: (made: Made) => void;
  readonly reject: (error: unknown) => void;
}

const waiting = new Map<string, Waiting[]>();

/** How many get one start: what they print is in memory at once. */
const mostTogether = 64;

/** A longer source takes longer than the start: another processor may compile it beside the others. */
const mostShared = 2 ** 16;

/** Compiles a unit, with others if they wait for the same. It is as if each were alone. */
export function compileUnit(compiler: string, unit: Unit): Promise<Made> {
  if (compiler !== clangFile() || isLong(unit) || !isSelfContained(unit)) {
    return inSlot(() => alone(compiler, unit));
  }
  const key = JSON.stringify([unit.args, unit.wants]);
  return new Promise((resolve, reject) => {
    const others = waiting.get(key);
    if (others) others.push({ unit, resolve, reject });
    else {
      waiting.set(key, [{ unit, resolve, reject }]);
      // those that are asked for in this turn of the loop come along
      setImmediate(() => startNext(key));
    }
  });
}

function isLong({ source }: Unit): boolean {
  return 'text' in source && source.text.length > mostShared;
}

function startNext(key: string): void {
  void inSlot(async () => {
    const all = waiting.get(key) ?? [];
    const some = all.splice(0, mostTogether);
    if (all.length > 0) startNext(key);
    else waiting.delete(key);
    await settle(some);
  });
}

async function settle(some: readonly Waiting[]): Promise<void> {
  try {
    const made = await compileAll(some.map(({ unit }) => unit));
    some.forEach(({ resolve }, at) => {
      resolve(made[at] as Made);
    });
  } catch (error) {
    for (const { reject } of some) reject(error);
  }
}

/** An error of one source would change what is said of those behind it: halves find it. */
async function compileAll(units: readonly Unit[]): Promise<Made[]> {
  const [first] = units;
  if (!first) return [];
  if (units.length === 1) return [await alone(clangFile(), first)];
  const made = await compileTogether(units, first);
  if (made) return made;
  const middle = Math.ceil(units.length / 2);
  return [
    ...(await compileAll(units.slice(0, middle))),
    ...(await compileAll(units.slice(middle))),
  ];
}

async function alone(compiler: string, unit: Unit): Promise<Made> {
  const { args, source, wants, onOutput } = unit;
  const last = 'file' in source ? source.file : '-';
  const input = 'text' in source ? { input: source.text } : {};
  const options: RunOptions = { ...input, ...(onOutput ? { onOutput } : {}) };
  const output = written[wants];
  if (!output) return start(compiler, [...args, last], options);
  const folder = temporaryFolder('syslets-unit-');
  try {
    const file = join(folder.path, `out${output.suffix}`);
    const all = [...args, ...output.flags, '-o', file, last];
    return { ...(await start(compiler, all, options)), file: contentOf(file) };
  } finally {
    folder.remove();
  }
}
