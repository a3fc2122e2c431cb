import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { explore } from '../../lib/explore/index.ts';
import { exploreHtml } from '../../lib/report/explore-html.ts';
import { discover } from '../../lib/stress/index.ts';
import { open } from './browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-lanes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A failure with store buffers: reads of others' writes, and of the actor's own. */
const peterson = fileURLToPath(new URL('../explore/fixtures/peterson.ts', import.meta.url));
const options = { search: { kind: 'all' }, maxStates: 100_000, seed: 1, tool: '' } as const;
const { scenarios } = explore(await discover([peterson]), {
  ...options,
  machines: ['tso'],
  timeMs: undefined,
});
const steps = scenarios[0]?.failure?.steps ?? [];
const reads = steps.flatMap(({ from = [] }, reader) => from.map((writer) => ({ reader, writer })));

test('a step tells which steps wrote what it read', () => {
  expect(reads.length).toBeGreaterThan(2);
  for (const { reader, writer } of reads) {
    expect(writer).toBeLessThan(reader);
    expect(steps[reader]?.notes.join()).toContain(`step ${writer + 1} of `);
    expect(['write', 'both']).toContain(steps[writer]?.kind);
  }
  expect(
    new Set(reads.map(({ reader, writer }) => steps[reader]?.actor === steps[writer]?.actor)),
  ).toEqual(new Set([true, false]));
});

test('an arrow goes from each read up to its write, between the lines of their actors', async (context) => {
  const file = join(folder, 'page.html');
  writeFileSync(file, exploreHtml(scenarios));
  const { page, errors, requests } = await open(context, file, { javaScriptEnabled: true });
  const boxes = (selector: string) =>
    page.locator(selector).evaluateAll((all) =>
      all.map((one) => {
        const { left, right, top, bottom } = one.getBoundingClientRect();
        return { left, right, top, bottom };
      }),
    );
  const [boxesOfSteps, arrows] = [await boxes('.step'), await boxes('.arrow line')];
  expect(arrows).toHaveLength(reads.length);
  for (const [index, { reader, writer }] of reads.entries()) {
    const [arrow, from, to] = [arrows[index], boxesOfSteps[reader], boxesOfSteps[writer]];
    if (!arrow || !from || !to) throw new Error(`there is no arrow ${index}`);
    // its ends lie in the gaps above and below the two boxes, and not beside them
    expect(arrow.bottom).toBeLessThanOrEqual(from.top + 1);
    expect(arrow.bottom).toBeGreaterThan(from.top - 30);
    expect(arrow.top).toBeGreaterThanOrEqual(to.bottom - 1);
    expect(arrow.top).toBeLessThan(to.bottom + 30);
    expect(arrow.left).toBeGreaterThanOrEqual(Math.min(from.left, to.left));
    expect(arrow.right).toBeLessThanOrEqual(Math.max(from.right, to.right));
  }
  expect(errors).toEqual([]);
  expect(requests).toEqual([]);
});
