import { randomInt } from 'node:crypto';
import { Command, Option } from 'commander';
import {
  DEFAULT_MAX_STATES,
  DEFAULT_MAX_STEPS,
  DEFAULT_PROGRAM_SEED,
  DEFAULT_PROGRAMS,
  ExploreError,
  explore,
  isStructure,
  type Machines,
  optionsText,
  type RunOptions,
  replay,
  type Search,
  type Strategy,
} from '../explore/index.ts';
import { ExploreKernelError } from '../kernel-explore/index.ts';
import { failureText } from '../report/explore-failure-text.ts';
import { ResultFileError } from '../report/index.ts';
import {
  checkProgram,
  discover,
  type Found,
  parseFilter,
  parseParams,
  parseSeed,
  parseTime,
  StressError,
} from '../stress/index.ts';
import { readDone } from './explore-files.ts';
import { checkKernelOptions, checkOptions } from './explore-given.ts';
import { exploreKernel, isKernelName, type KernelExploreOptions } from './explore-kernel.ts';
import { ExploreOutput } from './explore-output.ts';
import { type Given, givenTo } from './given.ts';
import { listScenarios } from './list-scenarios.ts';
import { colors, heading } from './output.ts';
import { more, PARAM_HELP } from './param-option.ts';
import { parseShardOption, partOf } from './shard.ts';
import { version } from './version.ts';

interface Options {
  readonly machine: string;
  readonly preemptions?: string;
  readonly delays?: string;
  readonly reduce?: boolean;
  readonly random?: string;
  readonly strategy: Strategy;
  readonly seed?: string;
  readonly program?: string;
  readonly programs: string;
  readonly time?: string;
  readonly maxStates?: string;
  readonly maxSteps: string;
  readonly patience: string;
  readonly shard?: string;
  readonly resume?: string;
  readonly replay?: string;
  readonly lenient?: boolean;
  readonly outcome?: string;
  readonly filter?: string;
  readonly param?: readonly string[];
  readonly json?: string;
  readonly html?: string;
  readonly junit?: string;
  readonly list?: boolean;
  readonly all?: boolean;
}

const STRATEGIES: readonly Strategy[] = ['uniform', 'pct'];
const DEFAULT_MACHINES = 'sc,tso,model';

const HELP = `
Explores what a scenario can do: no threads, no chance, every schedule where that is possible. Names
are those of \`syslets stress\`. Without options all interleavings are explored, first under sequential
consistency (sc), then with the store buffers of x86 (tso). The column MODEL says what ECMAScript's
memory model allows, on whatever processor.

Exit status: 0 nothing forbidden is possible (with --random: was met), 1 something is, 2 a mistake in
the command or code that cannot be explored, 3 no verdict: the budget was too small, or an execution came
to --max-steps.

The kernel side itself (native/kernel, its sources unchanged) is explored by the names that
\`syslets explore kernel --list\` shows; gcc compiles it, which takes seconds the first time.

Examples:
  syslets explore litmus/sb
  syslets explore kernel/hand-over
  syslets explore kernel --time 10min
  syslets explore my-queue.ts --param version=2.0 --machine tso
  syslets explore my-queue.ts --preemptions 3
  syslets explore my-queue.ts --random 1000000 --strategy pct --seed 7
  syslets explore --shard 1/4 --time 10min --json shard-1.json
  syslets explore my-queue.ts --reduce --shard auto --json shard.json
  syslets explore my-queue.ts --replay x1.sc.…`;

/** \`syslets explore\`. */
export function exploreCommand(): Command {
  return new Command('explore')
    .description('say what scenarios can do: every schedule of them, with the shortest that fails')
    .argument('[scenarios...]', 'names, groups, files or folders')
    .option(
      '--machine <list>',
      'some of sc, tso, model; of the kernel side sc, tso, weak',
      DEFAULT_MACHINES,
    )
    .option('--preemptions <number>', 'only schedules with up to so many preemptions')
    .option(
      '--delays <number>',
      'of the kernel side: up to so many stores that wait, or pass others',
    )
    .option('--reduce', 'of executions that differ in independent steps only one (sc; source-DPOR)')
    .option('--random <number>', 'so many executions by chance, without a claim')
    .addOption(
      new Option('--strategy <name>', 'of --random; pct: priorities with few changes')
        .choices(STRATEGIES)
        .default('uniform'),
    )
    .option(
      '--seed <number>',
      `of --random (default: another each time) and of a linearizable's programs (default: ${DEFAULT_PROGRAM_SEED})`,
    )
    .option('--program <calls>', "of a linearizable: these calls only, 'push(1), pop() | pop()'")
    .option(
      '--programs <number>',
      'of a linearizable: so many random programs',
      String(DEFAULT_PROGRAMS),
    )
    .option('--time <time>', 'budget of the whole run: 30s, 2min, 1h (default: none)')
    .option(
      '--max-states <number>',
      `most states of one search (default: ${DEFAULT_MAX_STATES}; of the kernel side 100000000)`,
    )
    .option(
      '--max-steps <number>',
      'most accesses of an actor in one execution',
      String(DEFAULT_MAX_STEPS),
    )
    .option('--patience <time>', 'longest time that an actor may run without an access', '10s')
    .option('--shard <i/n>', 'only the i-th of n parts; auto: as the CI machine says')
    .option('--resume <file>', 'go on with what an earlier --json has; it is written there, too')
    .option('--replay <string>', 'make one execution again, each operation compared')
    .option('--lenient', 'with --replay: go on after the first difference')
    .option(
      '--outcome <text>',
      'show the shortest schedule to this outcome, also where it is right',
    )
    .option('--filter <text>', 'only scenarios whose name has it in it, or fits /it/')
    .option('--param <name=value>', PARAM_HELP, more)
    .option('--json <file>', 'write results there, after each scenario')
    .option('--html <file>', 'write a self-contained page there, with a lane for each actor')
    .option('--junit <file>', 'write JUnit XML there')
    .option('--list', 'show the scenarios and do not explore them')
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
    await run(names, options, givenTo(command));
  } catch (error) {
    const isExpected =
      error instanceof ExploreError ||
      error instanceof ExploreKernelError ||
      error instanceof StressError ||
      error instanceof ResultFileError ||
      (error instanceof Error && 'syscall' in error);
    if (!isExpected) throw error;
    process.stderr.write(`syslets explore: ${error.message}\n`);
    process.exitCode = 2;
  }
}

async function run(names: readonly string[], options: Options, given: Given): Promise<void> {
  if (names.some(isKernelName)) {
    checkKernelOptions(given, options.machine.split(','));
    await exploreKernel(names, kernelOptionsOf(options));
    return;
  }
  const filter = options.filter === undefined ? undefined : parseFilter(options.filter);
  const settings = settingsOf(options);
  const found = await discover(names, { filter, params: parseParams(options.param ?? []) });
  await checkProgram(found, options.program);
  const { machines } = settings;
  checkOptions(given, { structures: found.filter(isStructure).length, machines });
  if (options.list) listScenarios(partOf(found, settings.shard));
  else if (options.replay !== undefined) replayOne(found, options.replay, machines, options);
  else exploreAll(found, settings, options);
}

/** Those of the options that mean something for the kernel side. */
function kernelOptionsOf(options: Options): KernelExploreOptions {
  const { machine, preemptions, delays, random, seed, time, maxStates } = options;
  return {
    tool: version,
    machines: machine === DEFAULT_MACHINES ? undefined : machine.split(','),
    timeMs: time === undefined ? undefined : parseTime('--time', time),
    preemptions: preemptions === undefined ? undefined : countOf('--preemptions', preemptions, 0),
    delays: delays === undefined ? undefined : countOf('--delays', delays, 0),
    // its default is another one
    maxStates: maxStates === undefined ? undefined : countOf('--max-states', maxStates, 1),
    random:
      random === undefined
        ? undefined
        : {
            executions: countOf('--random', random, 1),
            seed: seed === undefined ? randomInt(2 ** 32) : parseSeed(seed),
          },
    outcome: options.outcome,
    replay: options.replay,
    filter: options.filter === undefined ? undefined : parseFilter(options.filter),
    shard: parseShardOption(options.shard),
    list: options.list === true,
    output: options,
  };
}

function settingsOf(options: Options): RunOptions {
  const { seed, time, shard, resume, maxStates = String(DEFAULT_MAX_STATES) } = options;
  if (options.delays !== undefined) {
    throw new ExploreError(
      '--delays is of scenarios of the kernel side: of others each store may wait for any time',
    );
  }
  const search = searchOf(options);
  const settings = {
    tool: version,
    ...machinesOf(options.machine),
    search,
    seed: seed === undefined ? defaultSeed(search) : parseSeed(seed),
    program: options.program,
    programs: countOf('--programs', options.programs, 1),
    timeMs: time === undefined ? undefined : parseTime('--time', time),
    maxStates: countOf('--max-states', maxStates, 1),
    maxSteps: countOf('--max-steps', options.maxSteps, 1),
    patienceMs: parseTime('--patience', options.patience),
    outcome: options.outcome,
    shard: parseShardOption(shard),
  };
  if (resume === undefined) return settings;
  return { ...settings, done: readDone(resume, optionsText(settings), settings.shard) };
}

function defaultSeed({ kind }: Search): number {
  return kind === 'random' ? randomInt(2 ** 32) : DEFAULT_PROGRAM_SEED;
}

function machinesOf(text: string): { machines: Machines[]; model: boolean } {
  const names = [...new Set(text.split(','))];
  const machines = names.filter((name): name is Machines => name === 'sc' || name === 'tso');
  const model = names.includes('model');
  if (machines.length + (model ? 1 : 0) === names.length) return { machines, model };
  throw new ExploreError(
    `--machine is '${text}', expected some of sc, tso and model: sc,tso,model`,
  );
}

function searchOf({ preemptions, random, reduce, strategy }: Options): Search {
  const chosen = [preemptions, random, reduce].filter((one) => one !== undefined);
  if (chosen.length > 1) {
    throw new ExploreError('--preemptions, --random and --reduce exclude each other: choose one');
  }
  if (preemptions !== undefined) {
    return { kind: 'preemptions', bound: countOf('--preemptions', preemptions, 0) };
  }
  if (random === undefined) return { kind: reduce ? 'reduced' : 'all' };
  return { kind: 'random', executions: countOf('--random', random, 1), strategy };
}

function countOf(option: string, text: string, least: number): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count >= least) return count;
  throw new ExploreError(`${option} is '${text}', expected an integer from ${least}`);
}

function exploreAll(found: readonly Found[], settings: RunOptions, options: Options): void {
  const output = new ExploreOutput(options);
  output.finish(explore(found, { ...settings, onEvent: output.onEvent }));
}

function replayOne(
  found: readonly Found[],
  text: string,
  machines: readonly string[],
  options: Options,
): void {
  const [one, ...others] = found;
  if (!one || others.length > 0) {
    throw new ExploreError(`--replay needs one scenario, and ${found.length} were named`);
  }
  const patienceMs = parseTime('--patience', options.patience);
  const { actors, failure, isWrong, difference } = replay(one, text, {
    goOn: options.lenient === true,
    patienceMs,
    program: options.program,
  });
  if (!machines.includes(failure.machine)) {
    throw new ExploreError(`--replay: the schedule is of --machine ${failure.machine}`);
  }
  process.stdout.write(
    `${heading('replay')}${one.name}\n${failureText({ actors }, failure, colors)}`,
  );
  if (difference === undefined) {
    process.stdout.write('every operation is as it was recorded\n');
    process.exitCode = isWrong ? 1 : 0;
    return;
  }
  process.stdout.write(`${colors.yellow(difference)}\n`);
  process.exitCode = 2;
}
