// npm run stress:nightly [-- --seconds N] [--busy N] [other options of syslets stress]
//
// Runs every shipped scenario and structure for a minute (or --seconds, or SYSLETS_NIGHTLY_SECONDS),
// with --busy beside so many busy loops: none may be found wrong. Exit 1 if one was. What a busy
// machine gave too few samples is named, and is no false alarm.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { discover } from '../dist/stress/index.js';

const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
// a folder of its own: reports/ itself holds those of tests, which scripts/ci-total.mjs adds up
const REPORTS = 'reports/stress';
const JSON_FILE = `${REPORTS}/report.json`;
const NOT_ENOUGH = 3;

const { values, tokens } = parseArgs({
  strict: false,
  tokens: true,
  options: { seconds: { type: 'string' }, busy: { type: 'string' } },
});

/** What is not ours goes to `syslets stress` as it was given. */
function passedOn() {
  const own = tokens.filter(({ name }) => name === 'seconds' || name === 'busy');
  const taken = new Set(
    own.flatMap(({ index, inlineValue }) => (inlineValue ? [index] : [index, index + 1])),
  );
  return process.argv.slice(2).filter((_, index) => !taken.has(index));
}

function numberOf(name, text) {
  const value = Number(text);
  if (value > 0 || (name === '--busy' && value === 0)) return value;
  console.error(`stress:nightly: ${name} is '${text}', expected a number above 0`);
  process.exit(2);
}

const seconds = numberOf('--seconds', values.seconds ?? process.env.SYSLETS_NIGHTLY_SECONDS ?? 60);
const busy = numberOf('--busy', values.busy ?? 0);
const count = (await discover([])).length;

mkdirSync(REPORTS, { recursive: true });
const reports = ['--json', JSON_FILE, '--html', `${REPORTS}/report.html`];
const args = [
  CLI,
  'stress',
  '--time',
  `${seconds * count}s`,
  '--keep-going',
  ...reports,
  ...passedOn(),
];
console.log(`${count} scenarios, ${seconds} s each, ${busy} busy loops beside them`);
// they end by themselves, should this process not end them
const loop = `ulimit -t ${Math.ceil(seconds * count) + 60}; while :; do :; done`;
const loops = Array.from({ length: busy }, () => spawn('sh', ['-c', loop], { stdio: 'ignore' }));
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
for (const loop of loops) loop.kill('SIGKILL');
console.log(samplesText());
// with busy loops beside it some scenarios have too little time, which is said above
process.exit(status === NOT_ENOUGH && busy > 0 ? 0 : (status ?? 1));

function samplesText() {
  const { scenarios } = JSON.parse(readFileSync(JSON_FILE, 'utf8'));
  const samplesOf = ({ trials }) => trials.reduce((sum, { samples }) => sum + samples, 0);
  const samples = scenarios.reduce((sum, one) => sum + samplesOf(one), 0);
  const empty = scenarios.filter((one) => samplesOf(one) === 0).map(({ name }) => name);
  const none = empty.length === 0 ? '' : `; none of ${empty.join(', ')}`;
  return `${samples.toLocaleString('en')} samples of ${scenarios.length} scenarios${none}`;
}
