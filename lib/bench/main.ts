import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { NativeUnavailableError, SysletsError } from '../errors.ts';
import { type Bench, runCase } from './bench.ts';
import { benches } from './benches.ts';
import { type Result, resultLine } from './result.ts';

interface Options {
  readonly json?: boolean;
}

function program(): Command {
  const list = benches.map(({ name, description }) => `  ${name.padEnd(12)} ${description}`);
  return new Command('bench')
    .description('Measures syslets, each case beside a baseline from the same run')
    .argument('<names...>', `benches to run, or all`)
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      `\nBenches:\n${list.join('\n')}\n\nExamples:\n  npm run bench -- sync-path\n` +
        '  npm run --silent bench -- reap hand-off --json',
    )
    .action(run);
}

async function run(names: readonly string[], options: Options): Promise<void> {
  const chosen = choose(names);
  const [only] = chosen;
  if (only !== undefined && chosen.length === 1) return runBench(only, options);
  // a process for each: memory, threads and compiled code of one are not the next one's
  for (const { name } of chosen) runProcess(name, options);
}

function choose(names: readonly string[]): readonly Bench[] {
  if (names.includes('all')) return benches;
  return names.map((name) => {
    const found = benches.find((bench) => bench.name === name);
    if (found) return found;
    throw new UnknownBenchError(name);
  });
}

class UnknownBenchError extends Error {
  constructor(name: string) {
    const known = benches.map((bench) => bench.name).join(', ');
    super(`there is no bench '${name}', expected ${known} or all`);
  }
}

function runProcess(name: string, { json }: Options): void {
  const args = [fileURLToPath(import.meta.url), name, ...(json ? ['--json'] : [])];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

async function runBench({ name, cases }: Bench, { json }: Options): Promise<void> {
  for (const one of cases) {
    for (const result of await runCase(name, one)) print(result, json);
  }
}

function print(result: Result, json = false): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : resultLine(result));
}

try {
  await program().parseAsync();
} catch (error) {
  const expectedError =
    error instanceof NativeUnavailableError ||
    error instanceof SysletsError ||
    error instanceof UnknownBenchError;
  if (!expectedError) throw error;
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
}
