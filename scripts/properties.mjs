// Runs the tests that make random input, far more often than `npm test` does:
//   npm run test:properties -- [--times 100] [TESTS]
//
// A property of fast-check is run that many times as often, with one seed; a test file that takes a seed of
// its own from the clock is run that many times.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OWN_SEED = /\bseed = .*(?:Date\.now|Math\.random)/i;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: 'string', default: '100' } },
});
const times = Number(values.times);
if (!Number.isInteger(times) || times < 1) {
  console.error(`--times is '${values.times}', expected a number above 0`);
  process.exit(2);
}

const tests = readdirSync(join(ROOT, 'test'), { recursive: true })
  .map((file) => `test/${file}`)
  .filter((file) => file.endsWith('.test.ts') && !file.includes('/node_modules/'))
  .filter((file) => positionals.length === 0 || positionals.some((part) => file.includes(part)))
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
const properties = tests.filter(({ text }) => text.includes("from 'fast-check'"));
const seeded = tests.filter((test) => OWN_SEED.test(test.text) && !properties.includes(test));

function run(chosen, env) {
  const args = ['vitest', 'run', ...chosen.map(({ file }) => file)];
  const options = { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } };
  const { status, error } = spawnSync('npx', args, options);
  if (error) console.error(`npx: ${error.message}`);
  return status === 0 ? 0 : 1;
}

if (properties.length + seeded.length === 0) {
  console.error(`no test with random input matches ${positionals.join(' ')}`);
  process.exit(2);
}

const runs = [];
if (properties.length > 0) runs.push(run(properties, { SYSLETS_TIMES: String(times) }));
for (let time = 0; time < times && seeded.length > 0; time++) runs.push(run(seeded));
const failed = runs.filter((status) => status !== 0).length;
console.log(`${failed} of ${runs.length} runs failed`);
process.exitCode = failed === 0 ? 0 : 1;
