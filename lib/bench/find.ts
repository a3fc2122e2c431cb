import { writeFileSync } from 'node:fs';
import { type Bench, type CaseResult, notMeasured } from './bench.ts';
import { Programs } from './find-build.ts';
import { nodeWalker, programWalker, type Walker } from './find-child.ts';
import { mountSlow } from './find-fuse.ts';
import { type FindRounds, inTurns } from './find-rounds.ts';
import { makeTree, type Tree } from './find-tree.ts';
import { amount } from './short.ts';

const DROP_CACHES = '/proc/sys/vm/drop_caches';
const SLOW = { delayUs: 2000, directories: amount(50, 4), files: amount(100, 5) };

type Results = Promise<readonly CaseResult[]>;

const programs = new Programs();
let made: Tree | undefined;

/** A tree of yours (SYSLETS_FIND_DIR), or one that is made for the bench. */
function tree(): Tree {
  const root = process.env.SYSLETS_FIND_DIR;
  made ??= root === undefined ? makeTree() : { root, description: root, remove: () => {} };
  return made;
}

/** Runs both, and ends them. */
async function against(ours: Walker, other: Walker, rounds: FindRounds): Promise<CaseResult> {
  try {
    return await inTurns(ours, other, rounds);
  } finally {
    ours.close();
    other.close();
  }
}

async function cached(name: string, other: (root: string) => Walker, rounds: number): Results {
  const { root, description } = tree();
  const options = { case: `cached ${name}`, rounds, warmUp: 2 };
  const result = await against(nodeWalker('syslets', root), other(root), options);
  return [{ ...result, detail: { ...result.detail, tree: description } }];
}

async function cachedAgainstC(name: string, source: string): Results {
  const built = programs.build(source);
  if ('program' in built) {
    return cached(name, (root) => programWalker(`C, ${name}`, built.program, root), 15);
  }
  return notMeasured(`find cached ${name}`, built.why);
}

/** One server for all rows: how it answers does not depend on who has asked before. */
async function slow(): Results {
  const mounted = await mountSlow(programs, SLOW);
  if ('why' in mounted) return notMeasured('find slow file system', mounted.why);
  const { root } = mounted;
  const row = (name: string, other: Walker, rounds: number) =>
    against(nodeWalker('syslets', root), other, { case: `slow ${name}`, rounds, warmUp: 1 });
  try {
    return [
      await row('promises 256', nodeWalker('promises', root, 256), 7),
      await row('promises', nodeWalker('promises', root), 2),
      await against(nodeWalker('syslets', root), nodeWalker('sync', root), {
        case: 'slow sync',
        rounds: 1,
        warmUp: 0,
      }),
    ];
  } finally {
    mounted.close();
  }
}

/** Against each of the two; the bound is on the slower one of our ratios. */
async function cold(): Results {
  const why = whyNoDrop();
  if (why !== undefined) return notMeasured('find cold', why);
  const { root } = tree();
  const options = { rounds: 3, warmUp: 0, before: dropCaches };
  const results: CaseResult[] = [];
  for (const way of ['sync', 'promises'] as const) {
    const ours = nodeWalker('syslets', root);
    results.push(await against(ours, nodeWalker(way, root), { case: `cold ${way}`, ...options }));
  }
  return results;
}

function dropCaches(): void {
  writeFileSync(DROP_CACHES, '3\n');
}

function whyNoDrop(): string | undefined {
  try {
    dropCaches();
    return undefined;
  } catch (error) {
    return `${DROP_CACHES} cannot be written (${(error as NodeJS.ErrnoException).code}): root may`;
  }
}

export const find: Bench = {
  name: 'find',
  description: 'a walk of a tree: cached, on a slow file system, and with cold caches',
  cases: [
    () => cached('sync', (root) => nodeWalker('sync', root), 15),
    () => cached('promises', (root) => nodeWalker('promises', root), 3),
    () => cached('promises 64', (root) => nodeWalker('promises', root, 64), 3),
    () => cachedAgainstC('by path', 'find/by-path.c'),
    () => cachedAgainstC('by descriptor', 'find/by-descriptor.c'),
    slow,
    cold,
  ],
};
