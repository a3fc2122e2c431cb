import { parseArgs } from 'node:util';
import { random } from '../../random.ts';
import { parseShard, parseTime, StressError } from '../../stress/index.ts';
import { type Comparison, compareAll, programFor } from './compare.ts';
import { shownProgram } from './little-program.ts';

const HELP = `npm run explore:fuzz -- [options]

Engines that share as little as possible against each other, on random programs: enumeration by brute
force, the graph of states, the reduction, and ECMAScript's memory model, which must allow all that
SC and TSO show. Exit status 1 if any two of them differ, 2 for a mistake in the command.

  --count <number>  programs (default 5000)
  --seed <number>   default: another each time; printed
  --at <index>      this program alone
  --shard <i/n>     the i-th of n parts of them
  --time <time>     ends after 30s, 2min, 1h, and says how many were compared

Examples:
  npm run explore:fuzz -- --seed 7 --at 1234
  npm run explore:fuzz -- --seed 7 --shard 1/4 --time 10min
`;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '5000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    at: { type: 'string' },
    shard: { type: 'string' },
    time: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** Milliseconds between two lines that say how far it is. */
const PROGRESS_MS = 10_000;
const total = new Map<string, number>();

try {
  if (values.help) process.stdout.write(HELP);
  else process.exitCode = compareMany() === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof StressError)) throw error;
  process.stderr.write(`explore:fuzz: ${error.message}\n`);
  process.exitCode = 2;
}

/** How many programs had differences. */
function compareMany(): number {
  const seed = Number(values.seed);
  const [first, last] = rangeOf();
  const { index: part, count: parts } = parseShard(values.shard ?? '1/1');
  const endMs =
    values.time === undefined ? Number.POSITIVE_INFINITY : parseTime('--time', values.time);
  const start = performance.now();
  let [made, bad, told] = [0, 0, 0];
  process.stdout.write(`explore:fuzz: seed ${seed}, programs ${first} to ${last - 1}\n`);
  for (let index = first; index < last; index++) {
    const ms = performance.now() - start;
    if (ms > endMs) break;
    if (values.at === undefined && index % parts !== part - 1) continue;
    if (ms - told > PROGRESS_MS) {
      told = ms;
      process.stderr.write(`${made} programs, ${bad} with differences\n`);
    }
    if (!isAgreed(seed, index)) bad += 1;
    made += 1;
  }
  const counts = [...total].map(([name, count]) => `${count} ${name}`).join(', ');
  process.stdout.write(`${made} programs: ${counts}; ${bad} with differences\n`);
  return bad;
}

function rangeOf(): readonly [number, number] {
  if (values.at === undefined) return [0, Number(values.count)];
  return [Number(values.at), Number(values.at) + 1];
}

function isAgreed(seed: number, index: number): boolean {
  const little = programFor(random(seed ^ Math.imul(index + 1, 0x9e3779b1)));
  const found = compareAll(little);
  note(found);
  if (found.differences.length === 0) return true;
  const differences = found.differences.map((one) => `  ${one}\n`).join('');
  process.stdout.write(
    `program ${index} (--seed ${seed} --at ${index}):\n${shownProgram(little)}${differences}`,
  );
  return false;
}

function note({ compared }: Comparison): void {
  for (const name of compared) total.set(name, (total.get(name) ?? 0) + 1);
}
