import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { NativeUnavailableError, SysletsError } from '../errors.ts';
import { type Bench, casesOf, runCase } from './bench.ts';
import { benches } from './benches.ts';
import { type Result, resultLine } from './result.ts';
import { isShort, MINUTES_VARIABLE, minutes, SHORT_VARIABLE } from './short.ts';

interface Options {
  readonly minutes?: number;
  readonly only?: string;
  readonly json?: boolean;
  readonly ci?: boolean;
  readonly alone?: boolean;
}

/** A bench in a short run that takes longer is stuck. */
const SHORT_LIMIT_MS = 60_000;
const MOST_MINUTES = 600;

function program(): Command {
  const list = benches.map(({ name, description }) => `  ${name.padEnd(12)} ${description}`);
  return new Command('bench')
    .description('Measures syslets, each case beside a baseline from the same run')
    .argument('<names...>', `benches to run, or all`)
    .option('--json', 'one JSON object a line')
    .option('--minutes <number>', 'of those that run for a given time (soak)', minutesOf)
    .option('--only <text>', 'only cases with it in their names, of benches whose cases have names')
    .option('--ci', 'for a moment only, to see that each still runs: the numbers say nothing')
    .addOption(new Option('--alone', 'without the parts of the bench').hideHelp())
    .addHelpText(
      'after',
      `\nBenches:\n${list.join('\n')}\n\nExamples:\n  npm run bench -- sync-path\n` +
        '  npm run --silent bench -- reap hand-off --json\n  npm run bench -- soak --minutes 10\n' +
        '  npm run bench -- stress-first --only torn-wide-value\n  npm run bench -- all --ci',
    )
    .action(run);
}

async function run(names: readonly string[], options: Options): Promise<void> {
  const chosen = withCases(choose(names, options.alone ?? false), options.only);
  const [only] = chosen;
  const isHere = (options.ci ?? false) === isShort && options.minutes === minutes();
  if (only !== undefined && chosen.length === 1 && isHere) {
    return runBench(only, options);
  }
  // a process for each: memory, threads and compiled code of one are not the next one's
  const failed = chosen.filter(({ name }) => !runProcess(name, options)).map(({ name }) => name);
  if (options.ci) tellShort(chosen.length, failed);
  if (failed.length > 0) process.exitCode = 1;
}

function tellShort(count: number, failed: readonly string[]): void {
  const which = failed.length === 0 ? '' : `: ${failed.join(', ')}`;
  process.stdout.write(`benches: ${count} run for a moment, ${failed.length} failed${which}\n`);
}

function choose(names: readonly string[], isAlone: boolean): readonly Bench[] {
  if (names.includes('all')) return benches;
  const found = names.flatMap((name) => {
    if (!benches.some((bench) => bench.name === name)) throw new UnknownBenchError(name);
    // a part of a bench is called after it: stress-rate
    return benches.filter(
      (bench) => bench.name === name || (!isAlone && bench.name.startsWith(`${name}-`)),
    );
  });
  return [...new Set(found)];
}

/** The benches that have a case with that name. */
function withCases(chosen: readonly Bench[], only: string | undefined): readonly Bench[] {
  const found = chosen.filter((bench) => casesOf(bench, only).length > 0);
  if (found.length > 0 || only === undefined) return found;
  const known = chosen
    .flatMap(({ cases }) => cases)
    .flatMap((one) => (typeof one === 'function' ? [] : [one.name]));
  const list = known.length === 0 ? 'these have no names' : `there are ${known.join(', ')}`;
  throw new UnknownCaseError(`no case has '${only}' in its name: ${list}`);
}

class UnknownCaseError extends Error {}

class UnknownBenchError extends Error {
  constructor(name: string) {
    const known = benches.map((bench) => bench.name).join(', ');
    super(`there is no bench '${name}', expected ${known} or all`);
  }
}

/** Runs one bench; false if it failed, or in a short run took too long. */
function runProcess(name: string, { json, ci, only, minutes: given }: Options): boolean {
  const flags = [
    '--alone',
    ...(json ? ['--json'] : []),
    ...(ci ? ['--ci'] : []),
    ...(only === undefined ? [] : ['--only', only]),
    ...(given === undefined ? [] : ['--minutes', String(given)]),
  ];
  const env = { ...process.env, ...(given !== undefined && { [MINUTES_VARIABLE]: String(given) }) };
  const start = performance.now();
  const { status, error } = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), name, ...flags],
    ci
      ? {
          stdio: 'inherit',
          timeout: SHORT_LIMIT_MS,
          killSignal: 'SIGKILL',
          env: { ...env, [SHORT_VARIABLE]: '1' },
        }
      : { stdio: 'inherit', env },
  );
  if (error) process.stderr.write(`bench: ${name} did not end: ${error.message}\n`);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (ci && !json) process.stdout.write(`${''.padEnd(28)} ${name}: ${seconds} s\n`);
  return status === 0;
}

function minutesOf(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= MOST_MINUTES) return value;
  throw new InvalidArgumentError(`expected a number of minutes up to ${MOST_MINUTES}`);
}

async function runBench(bench: Bench, { json, only }: Options): Promise<void> {
  for (const one of casesOf(bench, only)) {
    for (const result of await runCase(bench.name, one)) {
      checkNumbers(result);
      print(result, json);
    }
  }
}

/** A bench that measures nothing any more prints no number: that is a failure, and no result. */
function checkNumbers({ bench, case: name, value, baseline, baselineValue }: Result): void {
  const numbers = baseline === null ? [value] : [value, baselineValue];
  if (numbers.every((one) => Number.isFinite(one))) return;
  throw new NoNumberError(`${bench} ${name} measured ${numbers.join(' against ')}: no number`);
}

class NoNumberError extends Error {}

function print(result: Result, json = false): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : resultLine(result));
}

try {
  await program().parseAsync();
} catch (error) {
  const expectedError =
    error instanceof NativeUnavailableError ||
    error instanceof SysletsError ||
    error instanceof NoNumberError ||
    error instanceof UnknownBenchError ||
    error instanceof UnknownCaseError;
  if (!expectedError) throw error;
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
}
