import { writeFileSync } from 'node:fs';
import {
  buildExplorer,
  coverage,
  type Exploration,
  ExploreKernelError,
  explore,
  fewestPreemptions,
  type GradedSearch,
  graded,
  KERNEL_MODELS,
  KERNEL_SCENARIOS,
  type KernelModel,
  type KernelScenario,
  kernelScenario,
  replay,
  rowsOf,
  type StepRow,
} from '../kernel-explore/index.ts';
import type { Shard } from '../report/result.ts';
import { colors, Progress } from './output.ts';
import { NOTHING_IN_PART, partOf } from './shard.ts';

export interface KernelExploreOptions {
  /** Of the whole run, in ms; undefined: no limit. */
  readonly timeMs: number | undefined;
  /** Instead of those that each scenario names. */
  readonly models: readonly string[] | undefined;
  /** Instead of the scenario's own bound. */
  readonly preemptions: number | undefined;
  /** The same for stores that wait, or are seen before those that do. */
  readonly delays: number | undefined;
  /** Most states of one search; undefined: what the explorer has room for by default. */
  readonly maxStates: number | undefined;
  /** So many executions at random instead of all. */
  readonly random: number | undefined;
  readonly seed: number;
  /** Makes one execution again. */
  readonly replay: string | undefined;
  /** Where results go. */
  readonly json: string | undefined;
  /** Only scenarios whose name fits. */
  readonly filter: RegExp | undefined;
  /** Only every so manyth scenario. */
  readonly shard: Shard | null;
  readonly list: boolean;
}

/** Good, something forbidden, a mistake, not enough to say: as of `stress` and `report`. */
const GOOD = 0;
const FORBIDDEN = 1;
const NOT_ENOUGH = 3;
const MOST_ROWS = 120;

/** Is the name one of the kernel side's scenarios, or their group? */
export function isKernelName(name: string): boolean {
  return name === 'kernel' || kernelScenario(name) !== undefined;
}

/** `syslets explore kernel/…`: searches the executions of native/kernel; the exit status. */
export async function exploreKernel(
  names: readonly string[],
  options: KernelExploreOptions,
): Promise<number> {
  const scenarios = chosen(names, options);
  if (scenarios.length === 0) process.stdout.write(NOTHING_IN_PART);
  if (options.list) return list(scenarios);
  const models = modelsOf(options.models);
  const program = await buildExplorer();
  if (options.replay !== undefined) return showReplay(program, scenarios, models, options);
  const deadline = performance.now() + (options.timeMs ?? Number.POSITIVE_INFINITY);
  const progress = new Progress();
  const results: Result[] = [];
  for (const scenario of scenarios) {
    for (const exploration of explorations(scenario, models, options)) {
      progress.show(() => `${scenario.name} ${exploration.model} …`);
      const timeMs = deadline - performance.now();
      if (timeMs <= 0) results.push({ scenario, exploration });
      else results.push(await searchOne(program, scenario, exploration, options, timeMs));
      progress.clear();
      process.stdout.write(resultText(results.at(-1) as Result));
      if (options.json !== undefined) writeJson(options.json, results.map(asJson));
    }
  }
  return statusOf(results);
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
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
    const known = KERNEL_SCENARIOS.map((one) => one.name).join(', ');
    throw new ExploreKernelError(`there is no kernel scenario ${name}. Known: ${known}`);
  });
}

function list(scenarios: readonly KernelScenario[]): number {
  const lines = scenarios.map(
    ({ name, description, explore: all }) =>
      `${colors.bold(name.padEnd(30))}  ${description}\n` +
      colors.dim(`${''.padEnd(32)}${all.map(boundText).join('; ')}\n`),
  );
  process.stdout.write(lines.join(''));
  return GOOD;
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

function explorations(
  scenario: KernelScenario,
  models: readonly KernelModel[] | undefined,
  { preemptions, delays }: KernelExploreOptions,
): Exploration[] {
  return scenario.explore
    .filter(({ model }) => models === undefined || models.includes(model))
    .map((one) => ({
      ...one,
      ...(preemptions === undefined ? {} : { preemptions }),
      ...(delays === undefined || one.model === 'sc' ? {} : { delays }),
    }));
}

interface Result {
  readonly scenario: KernelScenario;
  readonly exploration: Exploration;
  /** None: there was no time left for it. */
  readonly graded?: GradedSearch;
  readonly shortest?: GradedSearch;
  readonly rows?: readonly StepRow[];
  /** Why the schedule did not make the failure again. */
  readonly note?: string;
}

async function searchOne(
  program: string,
  scenario: KernelScenario,
  exploration: Exploration,
  { random, seed, maxStates }: KernelExploreOptions,
  timeMs: number,
): Promise<Result> {
  const budget = {
    ...(Number.isFinite(timeMs) && { timeMs }),
    ...(maxStates !== undefined && { states: maxStates }),
  };
  const limits = { ...budget, ...(random && { random: { executions: random, seed } }) };
  const result = graded(scenario, await explore(program, scenario.name, exploration, limits));
  if (result.forbidden.length === 0) return { scenario, exploration, graded: result };
  const shortest = await fewestPreemptions(program, scenario, exploration, budget);
  const first = (shortest ?? result).forbidden[0];
  const again = await replay(program, scenario, exploration.model, first?.schedule ?? '');
  const rows = await rowsOf(program, again.trace ?? []);
  const note = again.replay === undefined ? {} : { note: again.replay };
  return { scenario, exploration, graded: result, ...(shortest && { shortest }), rows, ...note };
}

function resultText(one: Result): string {
  const { scenario, exploration, graded: result, shortest, rows, note } = one;
  const head = `${colors.bold(scenario.name)} ${exploration.model.toUpperCase()}: `;
  if (!result) return `${head}${colors.yellow('no time was left')}\n`;
  const took = `${(result.search.ms / 1000).toFixed(2)} s`;
  const table = result.outcomes
    .map(({ text, expect, count, reason }) => {
      const line = `    ${text.padEnd(10)} ${expect.padEnd(11)} ${String(count).padStart(8)}  ${reason}`;
      return `${expect === 'forbidden' ? colors.red(line) : line}\n`;
    })
    .join('');
  const text = `${head}${coverage(result.search)}, ${took}\n${table}`;
  const worst = (shortest ?? result).forbidden[0];
  if (!worst) return text;
  const again = `  ${colors.dim('again:')} ${againCommand(scenario, exploration, worst.schedule)}\n`;
  return `${text}${stepsText(rows ?? [])}${note ? colors.yellow(`  the schedule: ${note}\n`) : again}`;
}

function againCommand(scenario: KernelScenario, { model }: Exploration, schedule: string): string {
  return `syslets explore ${scenario.name} --machine ${model} --replay '${schedule}'`;
}

/** A lane for each actor, from left to right. */
function stepsText(rows: readonly StepRow[]): string {
  const skipped = rows.length - MOST_ROWS;
  const shown = skipped > 0 ? rows.slice(skipped) : rows;
  const more = skipped > 0 ? colors.dim(`  … ${skipped} steps before\n`) : '';
  let last = -1;
  const lines = shown.map(({ actor, name, text, where, source }) => {
    const isNew = actor !== last;
    last = actor;
    const lane = '|   '.repeat(actor);
    const head = isNew ? `  ${lane}${colors.bold(name)}\n` : '';
    return `${head}  ${lane}${text}${where ? colors.dim(`  ${where} ${source.slice(0, 70)}`) : ''}\n`;
  });
  return more + lines.join('');
}

async function showReplay(
  program: string,
  scenarios: readonly KernelScenario[],
  models: readonly KernelModel[] | undefined,
  options: KernelExploreOptions,
): Promise<number> {
  const [scenario] = scenarios;
  if (!scenario || scenarios.length > 1) {
    throw new ExploreKernelError('--replay makes one execution of one scenario: name that one');
  }
  const schedule = options.replay ?? '';
  const search = await replay(program, scenario, modelOf(schedule, models), schedule);
  const result = graded(scenario, search);
  const rows = await rowsOf(program, search.trace ?? []);
  process.stdout.write(stepsText(rows));
  for (const { text, expect, reason } of search.replay ? [] : result.outcomes) {
    process.stdout.write(`${colors.bold(text)}: ${expect}, ${reason}\n`);
  }
  if (search.replay) process.stdout.write(`${colors.yellow(search.replay)}\n`);
  if (options.json !== undefined) {
    writeJson(options.json, { outcomes: result.outcomes, steps: rows, note: search.replay ?? '' });
  }
  if (search.replay) return NOT_ENOUGH;
  return result.forbidden.length > 0 ? FORBIDDEN : GOOD;
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

function asJson({ scenario, exploration, graded: result, shortest, rows, note }: Result) {
  const failure = (shortest ?? result)?.forbidden[0];
  return {
    scenario: scenario.name,
    ...exploration,
    coverage: result ? coverage(result.search) : 'no time was left',
    complete: result?.search.complete ?? false,
    states: result?.search.states ?? 0,
    executions: result?.search.executions ?? 0,
    accesses: result?.search.accesses ?? 0,
    ms: result?.search.ms ?? 0,
    outcomes: result?.outcomes ?? [],
    ...(failure && { replay: failure.schedule, steps: rows, ...(note && { note }) }),
  };
}

function statusOf(results: readonly Result[]): number {
  if (results.some(({ graded: result }) => (result?.forbidden.length ?? 0) > 0)) return FORBIDDEN;
  const isDone = ({ graded: result }: Result) => result?.search.complete === true;
  return results.length > 0 && results.every(isDone) ? GOOD : NOT_ENOUGH;
}
