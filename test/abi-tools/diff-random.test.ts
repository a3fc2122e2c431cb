import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { layout, type RecordType, type Target, targets } from '../../lib/abi/index.ts';
import { type DiffRow, diffLayouts, doesBreak } from '../../lib/abi-tools/diff.ts';
import { TypeMaker } from '../../lib/abi-tools/fuzz-types.ts';
import { Random } from '../../lib/abi-tools/random.ts';
import { about, randomChange, signature } from './diff-changes.ts';

// What diff says of random changes to random definitions, against what the change was and against
// a second description of both layouts, which it does not use.

const seed = Number(process.env.SYSLETS_SEED ?? Date.now() % 2 ** 32);
/** Kinds of changes, and how often each is tried at least. */
const KINDS = 14;
const LEAST = 20;
const MOST = 20_000;
const all: readonly Target[] = Object.values(targets);

function isPossible(type: RecordType, target: Target): boolean {
  try {
    return layout(type, target).size < 2 ** 20;
  } catch {
    return false;
  }
}

/** Kinds of changes that leave each name as it was. */
const unnaming = ['a member inserted', 'a member removed', 'members swapped', 'attributes'];

/** Whether the two layouts really differ where a row says so. */
function isTrue({ what }: DiffRow, a: readonly string[], b: readonly string[]): boolean {
  const path = what === 'type' || what === 'size' || what === 'alignment' ? '' : what;
  return !isDeepStrictEqual(about(path, a), about(path, b));
}

test(`each change shows, and none that is not there (seed ${seed})`, { timeout: 120_000 }, () => {
  const random = new Random(seed);
  const maker = new TypeMaker(random, all);
  const kinds = new Map<string, number>();
  const isRare = () => kinds.size < KINDS || Math.min(...kinds.values()) < LEAST;
  for (let count = 0; count < 3000 || isRare(); count++) {
    if (count === MOST) throw new Error(`too few of ${JSON.stringify([...kinds])}`);
    const target = random.pick(all);
    const a = maker.record();
    expect(diffLayouts({ type: a, target }, { type: structuredClone(a), target })).toEqual([]);
    const change = randomChange(a, target, random);
    if (!change || !isPossible(change.made, target)) continue;
    const rows = diffLayouts({ type: a, target }, { type: change.made, target });
    const [before, after] = [signature(a, target).sort(), signature(change.made, target).sort()];
    const isSame = isDeepStrictEqual(before, after);
    const breaks = change.breaks === 'layouts' ? !isSame : change.breaks === 'yes';
    const shows = change.shows || breaks;
    const where = `seed ${seed}, number ${count}, ${change.kind} on ${target.name}:
${JSON.stringify([a, change.made], (_, one) => (typeof one === 'bigint' ? `${one}n` : one))}
${JSON.stringify(rows, null, 1)}`;
    expect(rows.some(doesBreak), where).toBe(breaks);
    const layoutRows = rows.filter((row) => doesBreak(row) && !row.what.startsWith('enum '));
    for (const row of layoutRows)
      expect(isTrue(row, before, after), `${row.what}: ${where}`).toBe(true);
    const names = rows.filter(({ breaks: what }) => what === 'name');
    if (unnaming.includes(change.kind)) expect(names, where).toEqual([]);
    if (shows) expect(rows.length, where).toBeGreaterThan(0);
    const kind = change.kind.includes(' to ') ? 'a scalar' : change.kind;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  expect(kinds.size).toBe(KINDS);
});
