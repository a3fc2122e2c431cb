import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface SourceList {
  readonly variables: Readonly<Record<string, readonly string[]>>;
}

/** The explorer's host compiles some of the product's sources too: those count where they belong. */
function listed(): string[] {
  const text = readFileSync(join(ROOT, 'native/sources.gypi'), 'utf8');
  const lists = Object.entries((JSON.parse(text) as SourceList).variables);
  const [sim, product] = [true, false].map((isSim) =>
    lists.filter(([name]) => name.startsWith('sim_') === isSim).flatMap(([, files]) => files),
  ) as [string[], string[]];
  return [...product, ...sim.filter((file) => !product.includes(file))].sort();
}

test('native/sources.gypi is JSON and lists each native source once', () => {
  const present = readdirSync(join(ROOT, 'native'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(c|cc|S)$/.test(name))
    .map((name) => `native/${name}`)
    .sort();
  expect(listed()).toEqual(present);
});
