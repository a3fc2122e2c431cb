import {
  againCommand,
  buildExplorer,
  type Exploration,
  ExploreKernelError,
  exploreAll,
  graded,
  KERNEL_MODELS,
  KERNEL_SCENARIOS,
  type KernelModel,
  type KernelRunOptions,
  type KernelScenario,
  kernelOptionsText,
  kernelScenario,
  remade,
} from '../kernel-explore/index.ts';
import { failureText } from '../report/explore-failure-text.ts';
import { readDone } from './explore-files.ts';
import { ExploreOutput, type OutputOptions } from './explore-output.ts';
import { colors, heading } from './output.ts';
import { NOTHING_IN_PART, partOf } from './shard.ts';

export interface KernelExploreOptions
  extends Omit<KernelRunOptions, 'models' | 'onEvent' | 'done'> {
  /** As `--machine` has them; undefined: those that each scenario names. */
  readonly machines: readonly string[] | undefined;
  /** Makes one execution again. */
  readonly replay: string | undefined;
  /** Only scenarios whose name fits. */
  readonly filter: RegExp | undefined;
  readonly list: boolean;
  readonly output: OutputOptions;
}

/** Good, something forbidden, not enough to say: as of `stress` and `report`. */
const GOOD = 0;
const FORBIDDEN = 1;
const NOT_ENOUGH = 3;

/** Is the name one of the kernel side's scenarios, or their group? */
export function isKernelName(name: string): boolean {
  return name === 'kernel' || kernelScenario(name) !== undefined;
}

/** `syslets explore kernel/…`: searches the executions of native/kernel, and sets the exit status. */
export async function exploreKernel(
  names: readonly string[],
  options: KernelExploreOptions,
): Promise<void> {
  const scenarios = chosen(names, options);
  if (options.list) {
    process.stdout.write(scenarios.length === 0 ? NOTHING_IN_PART : listText(scenarios));
    return;
  }
  const models = modelsOf(options.machines);
  if (options.replay !== undefined) {
    process.exitCode = await showReplay(scenarios, models, options.replay);
    return;
  }
  const { output: files, shard = null } = options;
  const settings = { ...options, models };
  const { resume } = files;
  const done =
    resume === undefined ? undefined : readDone(resume, kernelOptionsText(settings), shard);
  const program = await buildExplorer();
  const output = new ExploreOutput(files);
  const { onEvent } = output;
  output.finish(await exploreAll(program, scenarios, { ...settings, done, onEvent }));
}

function chosen(
  names: readonly string[],
  { filter, shard }: KernelExploreOptions,
): readonly KernelScenario[] {
  const all = named(names).filter(({ name }) => filter?.test(name) ?? true);
  if (all.length === 0) {
    throw new ExploreKernelError(`--filter ${filter}: no kernel scenario that was named fits`);
  }
  return partOf(all, shard);
}

function named(names: readonly string[]): readonly KernelScenario[] {
  if (names.includes('kernel')) return KERNEL_SCENARIOS;
  return names.map((name) => {
    const found = kernelScenario(name);
    if (found) return found;
    throw new ExploreKernelError(
      `${name} is no scenario of the kernel side, which is explored by itself: give the others in a command of their own. \`syslets explore kernel --list\` shows those of the kernel side`,
    );
  });
}

function listText(scenarios: readonly KernelScenario[]): string {
  return scenarios
    .map(
      ({ name, description, explore: all }) =>
        `${colors.bold(name.padEnd(30))}  ${description}\n` +
        colors.dim(`${''.padEnd(32)}${all.map(boundText).join('; ')}\n`),
    )
    .join('');
}

/** What is searched by default, in a few words. */
function boundText({ model, preemptions, delays }: Exploration): string {
  const bounds = [
    ...(preemptions === undefined ? [] : [`up to ${preemptions} preemptions`]),
    ...(delays === undefined ? [] : [`${delays} delayed store${delays === 1 ? '' : 's'}`]),
  ];
  return `${model}: ${bounds.join(', ') || 'all executions'}`;
}

function modelsOf(names: readonly string[] | undefined): readonly KernelModel[] | undefined {
  const strange = names?.find((name) => !KERNEL_MODELS.includes(name as KernelModel));
  if (strange === undefined) return names as readonly KernelModel[] | undefined;
  throw new ExploreKernelError(`--machine has '${strange}', expected ${KERNEL_MODELS.join(', ')}`);
}

async function showReplay(
  scenarios: readonly KernelScenario[],
  models: readonly KernelModel[] | undefined,
  schedule: string,
): Promise<number> {
  const [scenario] = scenarios;
  if (!scenario || scenarios.length > 1) {
    throw new ExploreKernelError('--replay makes one execution of one scenario: name that one');
  }
  const model = modelOf(schedule, models);
  const program = await buildExplorer();
  const { search, explained, note, preemptions } = await remade(program, scenario, model, schedule);
  const { outcomes, forbidden } = graded(scenario, search);
  const [{ end } = { end: { kind: 'failed', text: 'no end' } }] = outcomes;
  const { actors, steps } = explained;
  const command = againCommand(scenario, schedule);
  const failure = { machine: model, preemptions, end, steps, replay: schedule, command };
  const text = failureText({ actors }, failure, colors);
  process.stdout.write(`${heading('replay')}${scenario.name}\n${text}`);
  if (note !== undefined) {
    process.stdout.write(`${colors.yellow(note)}\n`);
    return NOT_ENOUGH;
  }
  process.stdout.write('every operation is as it was recorded\n');
  return forbidden.length > 0 ? FORBIDDEN : GOOD;
}

/** The machine of a schedule, which names it. */
function modelOf(schedule: string, models: readonly KernelModel[] | undefined): KernelModel {
  const [, name] = /^k2\.(\w+)\.[0-9a-f]{8}(\.|$)/.exec(schedule) ?? [];
  const model = KERNEL_MODELS.find((one) => one === name);
  if (model === undefined) {
    const why = 'a schedule of the kernel side begins with k2, a machine and eight digits';
    const old = 'One of an earlier version cannot be made again: search for it anew';
    throw new ExploreKernelError(`--replay ${schedule.slice(0, 40)}: ${why}. ${old}`);
  }
  if (models !== undefined && !models.includes(model)) {
    throw new ExploreKernelError(`--replay: the schedule is of --machine ${model}`);
  }
  return model;
}
