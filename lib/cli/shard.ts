import type { Shard } from '../report/result.ts';
import { parseShard, StressError } from '../stress/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How an environment names a part: which variables, and whether parts count from 0 or 1. */
interface Source {
  readonly name: string;
  readonly index: string;
  readonly count: string;
  readonly first: 0 | 1;
}

const SOURCES: readonly Source[] = [
  {
    name: 'GitHub matrix, or anything else',
    index: 'SYSLETS_SHARD_INDEX',
    count: 'SYSLETS_SHARD_COUNT',
    first: 1,
  },
  { name: 'GitLab', index: 'CI_NODE_INDEX', count: 'CI_NODE_TOTAL', first: 1 },
  { name: 'CircleCI', index: 'CIRCLE_NODE_INDEX', count: 'CIRCLE_NODE_TOTAL', first: 0 },
  {
    name: 'Buildkite',
    index: 'BUILDKITE_PARALLEL_JOB',
    count: 'BUILDKITE_PARALLEL_JOB_COUNT',
    first: 0,
  },
  { name: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', count: 'JOB_COMPLETIONS', first: 0 },
];

/** `--shard`: `2/5`, or `auto` for the part that the environment names; null for all. */
export function parseShardOption(
  text: string | undefined,
  environment: Environment = process.env,
): Shard | null {
  if (text === undefined) return null;
  return text === 'auto' ? shardOf(environment) : parseShard(text);
}

/** Every so manyth, where whole scenarios are dealt out. */
export function partOf<T>(all: readonly T[], shard: Shard | null | undefined): readonly T[] {
  return shard ? all.filter((_, at) => at % shard.count === shard.index - 1) : all;
}

export const NOTHING_IN_PART = 'no scenario is in this part: give fewer parts\n';

/** @throws StressError where the environment names no part. */
function shardOf(environment: Environment): Shard {
  const slurm = slurmShard(environment);
  if (slurm) return slurm;
  for (const { index, count, first } of SOURCES) {
    const [at, of] = [environment[index], environment[count]];
    if (at === undefined || of === undefined) continue;
    return parseShard(`${Number(at) + 1 - first}/${of}`);
  }
  const half = SOURCES.find(({ index }) => environment[index] !== undefined);
  const missing = half
    ? `${half.index} is set, and ${half.count} is not: set it to the number of parts`
    : undefined;
  throw new StressError(`--shard auto: ${missing ?? NO_PART}`);
}

const NO_PART = `the environment names no part. Give --shard i/n, or set the variables of one of
${[
  ...SOURCES.map(({ name, index, count }) => `  ${name}: ${index} and ${count}`),
  '  Slurm array: SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT',
].join('\n')}
GitHub sets none. In a job with a matrix "shard: [1, 2, 3, 4]" write
  env: { SYSLETS_SHARD_INDEX: "\${{ matrix.shard }}", SYSLETS_SHARD_COUNT: "\${{ strategy.job-total }}" }`;

/** An array job counts from whatever its author said, in steps. */
function slurmShard(environment: Environment): Shard | undefined {
  const [id, count, min = '0', step = '1'] = [
    environment.SLURM_ARRAY_TASK_ID,
    environment.SLURM_ARRAY_TASK_COUNT,
    environment.SLURM_ARRAY_TASK_MIN,
    environment.SLURM_ARRAY_TASK_STEP,
  ];
  if (id === undefined || count === undefined) return undefined;
  return parseShard(`${(Number(id) - Number(min)) / Number(step) + 1}/${count}`);
}
