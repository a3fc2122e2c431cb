import { expect, test } from 'vitest';
import { parseShardOption } from '../../lib/cli/shard.ts';

test.each([
  [
    { CI_NODE_INDEX: '2', CI_NODE_TOTAL: '5' },
    { index: 2, count: 5 },
  ],
  [
    { CIRCLE_NODE_INDEX: '0', CIRCLE_NODE_TOTAL: '3' },
    { index: 1, count: 3 },
  ],
  [
    { BUILDKITE_PARALLEL_JOB: '2', BUILDKITE_PARALLEL_JOB_COUNT: '3' },
    { index: 3, count: 3 },
  ],
  [
    { JOB_COMPLETION_INDEX: '1', JOB_COMPLETIONS: '4' },
    { index: 2, count: 4 },
  ],
  [
    { SYSLETS_SHARD_INDEX: '1', SYSLETS_SHARD_COUNT: '4' },
    { index: 1, count: 4 },
  ],
  [
    { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_COUNT: '4' },
    { index: 4, count: 4 },
  ],
  [
    {
      SLURM_ARRAY_TASK_ID: '14',
      SLURM_ARRAY_TASK_COUNT: '3',
      SLURM_ARRAY_TASK_MIN: '10',
      SLURM_ARRAY_TASK_STEP: '2',
    },
    { index: 3, count: 3 },
  ],
])('auto reads %j', (environment, shard) => {
  expect(parseShardOption('auto', environment)).toEqual(shard);
});

test('auto says what is missing', () => {
  expect(() => parseShardOption('auto', {})).toThrow('the environment names no part');
  for (const line of [
    'GitHub matrix, or anything else: SYSLETS_SHARD_INDEX and SYSLETS_SHARD_COUNT',
    'GitLab: CI_NODE_INDEX and CI_NODE_TOTAL',
    'Kubernetes: JOB_COMPLETION_INDEX and JOB_COMPLETIONS',
    'Slurm array: SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the workflow's own
    'SYSLETS_SHARD_INDEX: "${{ matrix.shard }}"',
  ]) {
    expect(() => parseShardOption('auto', {})).toThrow(line);
  }
  expect(() => parseShardOption('auto', { JOB_COMPLETION_INDEX: '1' })).toThrow(
    'JOB_COMPLETION_INDEX is set, and JOB_COMPLETIONS is not',
  );
});
