import { afterAll, beforeAll, expect, test } from 'vitest';
import { Programs } from '../../lib/bench/find-build.ts';
import { type Mounted, mountSlow } from '../../lib/bench/find-fuse.ts';
import { Loop } from '../../lib/loop/index.ts';
import { sys } from '../../lib/posix/index.ts';
import { SysletWalk } from '../../lib/walk/index.ts';
import { findCommand, MODES, totalsOf } from './find-command.ts';
import { walkHere } from './in-process.ts';
import { openBelow } from './open-descriptors.ts';

const SLOW = { delayUs: 2000, directories: 8, files: 30 };
const ENTRIES = 1 + SLOW.directories * (1 + SLOW.files);
// file i of a directory has i bytes, directories have none
const BYTES = (SLOW.directories * SLOW.files * (SLOW.files - 1)) / 2;

let mounted: Mounted | undefined;
let whyNot = '';

beforeAll(async () => {
  const result = await mountSlow(new Programs(), SLOW);
  if ('why' in result) whyNot = result.why;
  else mounted = result;
});
afterAll(() => mounted?.close());

test.for(MODES)('mode %s walks a file system whose lookups block', (mode, { skip }) => {
  if (mounted === undefined) return skip(whyNot);
  const found = totalsOf([mounted.root, '--mode', mode]);
  expect(found).toMatchObject({ status: 0, stderr: '', entries: ENTRIES, bytes: BigInt(BYTES) });
});

test('calls that block go on beside each other, soon without a hand-off', ({ skip }) => {
  if (mounted === undefined) return skip(whyNot);
  const { totals, calls } = walkHere(Buffer.from(mounted.root));
  expect(totals).toMatchObject({ entries: ENTRIES, bytes: BigInt(BYTES), failed: 0 });
  expect(calls.handOffs).toBeGreaterThan(0);
  expect(calls.dispatches).toBeGreaterThan(0);
  // not all: on a busy machine a watcher may come too late, and the call has blocked
  expect(calls.handOffs + calls.dispatches).toBeGreaterThan(ENTRIES / 2);
  expect(openBelow(mounted.root)).toEqual([]);
});

test.for([8, 100])('with a bound of %s calls the walk waits for its own', (maxCalls, { skip }) => {
  if (mounted === undefined) return skip(whyNot);
  sys.configure({ maxCalls });
  try {
    const { totals } = new SysletWalk(Loop.current()).run(Buffer.from(mounted.root));
    expect(totals).toMatchObject({ entries: ENTRIES, bytes: BigInt(BYTES), failed: 0 });
  } finally {
    sys.detach();
    sys.configure({});
  }
});

test('a directory is printed before what is in it, also when answers come late', ({ skip }) => {
  if (mounted === undefined) return skip(whyNot);
  const paths = findCommand([mounted.root, '-0']).stdout.split('\0').slice(0, -1);
  const places = new Map(paths.map((path, place) => [path, place]));
  expect(places.size).toBe(ENTRIES);
  for (const [path, place] of places) {
    expect(places.get(path.slice(0, path.lastIndexOf('/'))) ?? -1).toBeLessThan(place);
  }
});

test('a walk that is given up in the middle waits for its calls and closes its directories', ({
  skip,
}) => {
  if (mounted === undefined) return skip(whyNot);
  const { root } = mounted;
  let seen = 0;
  const entry = () => {
    if (++seen === ENTRIES >> 1) throw new Error('enough');
  };
  expect(() => walkHere(Buffer.from(root), {}, { entry })).toThrow('enough');
  expect(openBelow(root)).toEqual([]);
  expect(walkHere(Buffer.from(root)).totals.entries).toBe(ENTRIES);
});
