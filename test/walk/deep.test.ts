import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCommand, totalsOf } from './find-command.ts';
import { gnuFind, whyNoFind } from './gnu-find.ts';
import { walkHere } from './in-process.ts';
import { openBelow } from './open-descriptors.ts';
import { Tree } from './tree.ts';

const NAME = 'n'.repeat(200);
const PATH_MAX = 4096;
/** Descriptors that the limit leaves: fewer than the tree has levels. */
const FEW = 12;

// Every level has a file, and two directories: the walk must come back to each of them.
const tree = new Tree();
const whyNot = whyNoFind();

beforeAll(() => {
  tree.shell(`for i in $(seq 60); do
    mkdir left right ${NAME}; echo $i > file; touch left/x right/y; cd ${NAME}; done`);
});
afterAll(() => tree.remove());

/** The soft limit of this process. */
function limitDescriptors(soft: number | 'hard'): void {
  const hard = spawnSync('prlimit', ['-o', 'HARD', '--noheadings', '-n', '-p', `${process.pid}`]);
  const limit = `${soft === 'hard' ? hard.stdout.toString().trim() : soft}:`;
  const { status } = spawnSync('prlimit', [`--nofile=${limit}`, '-p', `${process.pid}`], {
    stdio: 'ignore',
  });
  if (status !== 0) throw new Error(`prlimit --nofile=${limit} ended with ${status}`);
}

describe('a tree deeper than PATH_MAX', () => {
  test('has the totals of find', ({ skip }) => {
    if (whyNot) skip(whyNot);
    const { entries, bytes } = gnuFind(tree.root);
    expect(totalsOf([tree.root])).toMatchObject({ status: 0, stderr: '', entries, bytes });
  });

  test('is printed as find prints it', ({ skip }) => {
    if (whyNot) skip(whyNot);
    const paths = findCommand([tree.root, '-0']).stdout.split('\0').slice(0, -1).sort();
    expect(paths).toEqual(gnuFind(tree.root).paths);
    expect(Math.max(...paths.map((path) => path.length))).toBeGreaterThan(2 * PATH_MAX);
  });

  test.each(['sync', 'promises'])('is too deep for the mode %s, which says so', (mode) => {
    const { status, stderr } = totalsOf([tree.root, '--mode', mode]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^syslets find: cannot (open|look at) '.*': ENAMETOOLONG, name too long$/m,
    );
  });

  // 2 is the least: a parent, and the subdirectory that is read
  test.each([2, 3, 5, 20])('is walked with %i open directories', (descriptors) => {
    const wanted = walkHere(Buffer.from(tree.root));
    let most = 0;
    const counted = walkHere(
      Buffer.from(tree.root),
      { descriptors },
      {
        progress: () => {
          most = Math.max(most, openBelow(tree.root).length);
        },
      },
    );
    expect(counted.totals).toEqual(wanted.totals);
    expect(counted.paths.sort()).toEqual(wanted.paths.sort());
    expect(counted.failures).toEqual([]);
    expect(most).toBeLessThanOrEqual(descriptors);
    expect(openBelow(tree.root)).toEqual([]);
  });

  // The limit comes down when the walk has begun: Node itself needs more than this to start.
  test('is walked where the process has few descriptors left', ({ skip }) => {
    if (spawnSync('prlimit', ['--version']).status !== 0) skip('there is no prlimit(1)');
    const wanted = walkHere(Buffer.from(tree.root));
    let limited = false;
    const progress = () => {
      if (!limited) limitDescriptors(readdirSync('/proc/self/fd').length + FEW);
      limited = true;
    };
    const { totals, failures } = walkHere(
      Buffer.from(tree.root),
      { descriptors: 500 },
      { progress },
    );
    limitDescriptors('hard');
    expect({ totals, failures }).toEqual({ totals: wanted.totals, failures: [] });
    expect(limited).toBe(true);
    expect(openBelow(tree.root)).toEqual([]);
  });
});

test('a directory that was moved away while its descriptor was closed is not followed', () => {
  const other = new Tree();
  other.shell(
    'mkdir -p a/b/c/d/e/f/g a/z b/z c/z; for d in a a/b a/b/c a/b/c/d; do mkdir $d/y $d/x; done',
  );
  const outside = new Tree();
  outside.shell('touch secret; mkdir y x; touch x/secret y/secret');
  let moved = false;
  const { paths, failures, totals } = walkHere(
    Buffer.from(other.root),
    { descriptors: 2 },
    {
      progress: () => {
        if (moved) return;
        moved = true;
        other.shell(`mv a gone; ln -s ${outside.root} a`);
      },
    },
  );
  other.remove();
  outside.remove();
  expect(paths.filter((path) => path.includes('secret'))).toEqual([]);
  expect(failures.length + totals.vanished).toBeGreaterThan(0);
});
