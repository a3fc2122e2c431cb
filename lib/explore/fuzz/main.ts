import { parseArgs } from 'node:util';
import { random } from '../../random.ts';
import { type Comparison, compareAll, programFor } from './compare.ts';
import { shownProgram } from './little-program.ts';

// npm run explore:fuzz: engines that share as little as possible against each other, on random
// programs. Exit status 1 if any two of them differ.

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '5000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    at: { type: 'string' },
  },
});
const seed = Number(values.seed);
const first = Number(values.at ?? 0);
const last = values.at === undefined ? Number(values.count) : first + 1;
const total = new Map<string, number>();
let bad = 0;

process.stdout.write(`explore:fuzz: seed ${seed}, programs ${first} to ${last - 1}\n`);
for (let index = first; index < last; index++) {
  const little = programFor(random(seed ^ Math.imul(index + 1, 0x9e3779b1)));
  const found = compareAll(little);
  note(found);
  if (found.differences.length === 0) continue;
  bad += 1;
  process.stdout.write(
    `program ${index} (--seed ${seed} --at ${index}):\n${shownProgram(little)}${found.differences.map((one) => `  ${one}\n`).join('')}`,
  );
}
const counts = [...total].map(([name, count]) => `${count} ${name}`).join(', ');
process.stdout.write(`${last - first} programs: ${counts}; ${bad} with differences\n`);
process.exitCode = bad === 0 ? 0 : 1;

function note({ compared }: Comparison): void {
  for (const name of compared) total.set(name, (total.get(name) ?? 0) + 1);
}
