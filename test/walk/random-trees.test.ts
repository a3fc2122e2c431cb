import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { walkByPromises, walkBySync } from '../../lib/walk/index.ts';
import { gnuFind, whyNoFind } from './gnu-find.ts';
import { walkHere } from './in-process.ts';
import { Tree } from './tree.ts';

const RUNS = 25;

/** Bytes of a name: any but NUL and the slash, and not "." or "..". */
const name = fc
  .array(
    fc.integer({ min: 1, max: 255 }).filter((byte) => byte !== 0x2f),
    { minLength: 1, maxLength: 12 },
  )
  .map((bytes) => Buffer.from(bytes).toString('latin1'))
  .filter((text) => text !== '.' && text !== '..');

interface Node {
  readonly kind: 'file' | 'link' | 'directory';
  readonly size: number;
  readonly children: Readonly<Record<string, Node>>;
}

const { tree: anyTree } = fc.letrec<{ tree: Readonly<Record<string, Node>>; node: Node }>(
  (tie) => ({
    tree: fc.dictionary(name, tie('node'), { maxKeys: 8, noNullPrototype: true }),
    node: fc.record({
      kind: fc.constantFrom('file', 'link', 'directory'),
      size: fc.oneof(fc.nat(5000), fc.constant(2 ** 40 + 1)),
      children: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constant({}),
        tie('tree'),
      ),
    }),
  }),
);

function make(directory: Buffer, children: Readonly<Record<string, Node>>): void {
  for (const [text, node] of Object.entries(children)) {
    const path = Buffer.concat([directory, Buffer.from('/'), Buffer.from(text, 'latin1')]);
    if (node.kind === 'link') symlinkSync('x'.repeat((node.size % 100) + 1), path);
    if (node.kind === 'file') {
      writeFileSync(path, '');
      truncateSync(path, node.size);
    }
    if (node.kind === 'directory') {
      mkdirSync(path);
      make(path, node.children);
    }
  }
}

test('random trees have the totals and the paths of GNU find in all modes', async ({ skip }) => {
  const whyNot = whyNoFind();
  if (whyNot) skip(whyNot);
  await fc.assert(
    fc.asyncProperty(anyTree, fc.integer({ min: 2, max: 6 }), async (children, descriptors) => {
      const tree = new Tree();
      try {
        const root = Buffer.from(tree.root);
        make(root, children);
        const { entries, bytes, paths } = gnuFind(root);
        const walked = walkHere(root, { descriptors });
        expect(walked.totals).toMatchObject({ entries, bytes, failed: 0, vanished: 0 });
        expect(walked.paths.sort()).toEqual(paths);
        expect(walkBySync(root)).toEqual(walked.totals);
        expect(await walkByPromises(root)).toEqual(walked.totals);
      } finally {
        tree.remove();
      }
    }),
    { numRuns: RUNS, verbose: true }, // a failure prints its seed and the smallest tree
  );
});
