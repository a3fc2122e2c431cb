import { afterAll, beforeAll, expect, test } from 'vitest';
import { Loop } from '../../lib/loop/index.ts';
import { sys } from '../../lib/posix/index.ts';
import { SysletWalk } from '../../lib/walk/index.ts';
import { newPipe } from '../posix/pipes.ts';
import { openBelow } from './open-descriptors.ts';
import { Tree } from './tree.ts';

const FILES = 300;
const tree = new Tree();
const root = Buffer.from(tree.root);

beforeAll(() => tree.shell(`mkdir d; cd d; touch $(seq ${FILES})`));
afterAll(() => {
  sys.detach();
  tree.remove();
});

const walk = (progress = () => {}) => new SysletWalk(Loop.current(), { progress }).run(root).totals;

test('a walk and calls of sys share a thread: its calls end during the walk and after it', async () => {
  const [early, late] = [newPipe(), newPipe()];
  const buffers = [Buffer.alloc(1), Buffer.alloc(1)] as const;
  // by sys.call, which waits for no descriptor: both are in flight
  const first = sys.call('read', early.readEnd, buffers[0], 1);
  const second = sys.call('read', late.readEnd, buffers[1], 1);
  expect(sys.counters().inFlight).toBe(2);
  early.write('x');
  const until = Date.now() + 10_000;
  while (sys.counters().inFlight === 2 && Date.now() < until) {
    expect(walk()).toMatchObject({ entries: FILES + 2, failed: 0 });
  }
  expect(sys.counters().inFlight).toBe(1);
  expect(await first).toBe(1);
  late.write('y');
  expect(await second).toBe(1);
  expect(walk()).toMatchObject({ entries: FILES + 2, failed: 0 });
  expect(sys.counters()).toMatchObject({ inFlight: 0, waiting: 0 });
  early.close();
  late.close();
});

test('a thread that is detached during a walk ends it, and its directories are closed', () => {
  let seen = 0;
  const detach = () => {
    if (++seen === 2) sys.detach();
  };
  expect(() => walk(detach)).toThrow('sys.detach() was called during the walk');
  expect(openBelow(tree.root)).toEqual([]);
  expect(walk()).toMatchObject({ entries: FILES + 2, failed: 0 });
});
