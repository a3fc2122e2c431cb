import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadScenario } from '../../lib/stress/load-scenario.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets load-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is said of a file with this text. */
async function saidOf(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  writeFileSync(file, text);
  const error = await loadScenario(file).catch((one) => one);
  return (error as Error).message;
}

test.each(['ts', 'mjs'])('an error in a file has its place: %s', async (extension) => {
  const name = `throws.${extension}`;
  const said = await saidOf(name, '\nconst none = undefined;\nexport default none.scenario;\n');
  expect(said).toMatch(/could not be loaded: Cannot read properties of undefined/);
  expect(said).toMatch(new RegExp(`${name}:3\\)$`));
});

test('a function that a module does not export is named as the user wrote it', async () => {
  writeFileSync(join(folder, 'parts.ts'), 'export const struct = 1;\n');
  const said = await saidOf('imports.ts', "import { array } from './parts.ts';\narray(1);\n");
  expect(said).toContain(
    'array is not a function: the module that it is imported from exports none of this name',
  );
  expect(said).toMatch(/imports\.ts:2\)$/);
});

test('an error of Node itself has no place', async () => {
  const stack = 'Error: inside\\n    at resolve (node:internal/modules/esm/resolve:271:11)';
  const text = `throw Object.assign(new Error('inside'), { stack: '${stack}' });\n`;
  expect(await saidOf('inside.mjs', text)).toMatch(/could not be loaded: inside$/);
});

test('a mistake in a definition names the scenario, and nothing else', async () => {
  const text = "throw Object.assign(new Error(\"scenario 'x': no\"), { name: 'ScenarioError' });\n";
  expect(await saidOf('wrong.ts', text)).toMatch(/could not be loaded: scenario 'x': no$/);
});
