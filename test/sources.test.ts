import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface SourceList {
  readonly variables: Readonly<Record<string, readonly string[]>>;
}

function listed(): string[] {
  const text = readFileSync(join(ROOT, 'native/sources.gypi'), 'utf8');
  return Object.values((JSON.parse(text) as SourceList).variables)
    .flat()
    .sort();
}

test('native/sources.gypi is JSON and lists each native source once', () => {
  const present = readdirSync(join(ROOT, 'native'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(c|cc|S)$/.test(name))
    .map((name) => `native/${name}`)
    .sort();
  expect(listed()).toEqual(present);
});
