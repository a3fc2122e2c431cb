import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import {
  checkConfig,
  checkProgram,
  DEFAULT_CONFIG,
  discover,
  dropHost,
  type Found,
  parseConfig,
  parseFilter,
  parseParams,
  parseSeed,
  parseTime,
  prepareHost,
  runStress,
  StressError,
  type StressOptions,
} from '../stress/index.ts';
import { type Given, givenTo } from './given.ts';
import { listScenarios } from './list-scenarios.ts';
import { heading } from './output.ts';
import { more, PARAM_HELP } from './param-option.ts';
import { parseShardOption } from './shard.ts';
import { StressProgress } from './stress-progress.ts';
import type { StressReportOptions } from './stress-report.ts';
import { version } from './version.ts';

interface Options extends StressReportOptions {
  readonly time: string;
  readonly seed?: string;
  readonly shard?: string;
  readonly filter?: string;
  readonly config?: string;
  readonly timeout?: string;
  readonly program?: string;
  readonly param?: readonly string[];
  readonly keepGoing?: boolean;
  readonly list?: boolean;
}

const HELP = `
A scenario is a file whose default export is scenario({ … }) of 'syslets/scenario', or
linearizable({ … }) of 'syslets/linearizability': operations and a model, without outcomes. Without names
all scenarios of this package run. A name may be a group (litmus), a scenario (litmus/sb), a file or
a folder of files.

Samples are taken in processes of their own. Placement of threads, strides, order, compiled or
interpreted code and padding change all the time; --config fixes that. The run stops at the first
forbidden outcome; --keep-going goes on. Raw counts are written before they are graded.

Exit status: 0 good, 1 something forbidden was seen or actors threw, died or hung, 2 a mistake in the
command or in a scenario's file, 3 not enough was done to say: inconclusive, interrupted, nothing ran.

Examples:
  syslets stress --list
  syslets stress litmus/sb --time 5s
  syslets stress my-queue.ts --time 1min --seed 7
  syslets stress my-queue.ts --program 'push(1), pop() | pop()' --time 5s
  syslets stress my-queue.ts --param version=2.0 --param size=64
  syslets stress --shard 1/4 --time 10min --json shard-1.json
  syslets stress litmus/sb --config placement=spread,stride=1024,sync=1 --seed 42`;

const LIST = 'filter param list all';

/** `syslets stress`. */
export function stressCommand(): Command {
  return new Command('stress')
    .description('run concurrency tests on real threads and grade what was seen')
    .argument('[scenarios...]', 'names, groups, files or folders')
    .option(
      '--time <time>',
      'for how long: 30s, 500ms, 2min, 1h; from when the scenarios are loaded',
      '30s',
    )
    .option('--seed <number>', 'chooses configurations and orders (default: another each time)')
    .option('--shard <i/n>', 'only the i-th of n parts of the trials; auto: as the CI machine says')
    .option('--filter <text>', 'only scenarios whose name has it in it, or fits /it/')
    .option('--config <list>', 'one configuration: placement=spread,stride=1024,…')
    .option(
      '--timeout <time>',
      'actors that make no step for so long hang (default: half the time, at most 5s)',
    )
    .option('--program <calls>', "of a linearizable: these calls only, 'push(1), pop() | pop()'")
    .option('--json <file>', 'where raw counts go', 'syslets-stress.json')
    .option('--html <file>', 'write a self-contained page there')
    .option('--junit <file>', 'write JUnit XML there')
    .option('--param <name=value>', PARAM_HELP, more)
    .option('--keep-going', 'do not stop at the first forbidden outcome')
    .option('--list', 'show the scenarios and do not run them')
    .option('--all', 'tables of scenarios that passed, too')
    .addHelpText('after', HELP)
    .action(guarded);
}

async function guarded(
  names: readonly string[],
  options: Options,
  command: Command,
): Promise<void> {
  try {
    await stress(names, options, givenTo(command));
  } catch (error) {
    if (!(error instanceof StressError) && !(error instanceof Error && 'syscall' in error)) {
      throw error;
    }
    process.stderr.write(`syslets stress: ${error.message}\n`);
    process.exitCode = 2;
  } finally {
    dropHost();
  }
}

async function stress(names: readonly string[], options: Options, given: Given): Promise<void> {
  if (options.list) given.only(LIST, 'means nothing beside --list: nothing runs');
  const settings = settingsOf(options);
  const filter = options.filter === undefined ? undefined : parseFilter(options.filter);
  // its threads start while the scenarios are loaded
  if (!options.list) prepareHost();
  const found = await discover(names, { filter, params: parseParams(options.param ?? []) });
  await checkProgram(found, options.program);
  checkConfig(found, options.config);
  if (options.list) listScenarios(found);
  else await run(found, settings, options);
}

function settingsOf(options: Options): StressOptions {
  const { time, seed, shard, config, timeout, program, keepGoing } = options;
  return {
    tool: version,
    timeMs: parseTime('--time', time),
    seed: seed === undefined ? randomInt(2 ** 32) : parseSeed(seed),
    shard: parseShardOption(shard),
    config: config === undefined ? undefined : parseConfig(config, DEFAULT_CONFIG),
    timeoutMs: timeout === undefined ? undefined : parseTime('--timeout', timeout),
    program,
    keepGoing: keepGoing === true,
  };
}

async function run(
  found: readonly Found[],
  settings: StressOptions,
  options: Options,
): Promise<void> {
  process.stdout.write(`${heading('stress')}seed ${settings.seed}\n`);
  const progress = new StressProgress(options.json);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal);
  const onEvent = progress.onEvent.bind(progress);
  const seen = await runStress(found, { ...settings, signal: stop.signal, onEvent });
  process.off('SIGINT', onSignal);
  progress.end();
  // only now: it takes as long to load as everything that the run needs
  const { reportRun } = await import('./stress-report.ts');
  reportRun(seen, found, options);
}
