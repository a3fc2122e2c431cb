// Runs every shipped scenario for a minute (or SYSLETS_NIGHTLY_SECONDS each): all must be clean.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { discover } from '../dist/stress/index.js';

const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const seconds = Number(process.env.SYSLETS_NIGHTLY_SECONDS ?? 60);
const count = (await discover([])).length;

mkdirSync('reports', { recursive: true });
const reports = ['--json', 'reports/stress.json', '--html', 'reports/stress.html'];
const args = [
  CLI,
  'stress',
  '--time',
  `${seconds * count}s`,
  '--keep-going',
  ...reports,
  ...process.argv.slice(2),
];
console.log(`${count} scenarios, ${seconds} s each`);
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1);
