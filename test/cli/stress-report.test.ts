import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { reportRun } from '../../lib/cli/stress-report.ts';
import * as explorer from '../../lib/explore/index.ts';
import type { RunResult, TrialEnd } from '../../lib/report/result.ts';
import { discover } from '../../lib/stress/index.ts';
import { run, scenario, trial } from '../report/data.ts';

vi.mock(import('../../lib/explore/index.ts'), async (original) => {
  const { rulesWithModel, ...rest } = await original();
  return { ...rest, rulesWithModel: vi.fn(rulesWithModel) };
});

const folder = mkdtempSync(join(tmpdir(), 'syslets-stress-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

afterEach(() => {
  vi.restoreAllMocks();
  vi.mocked(explorer.rulesWithModel).mockClear();
  process.exitCode = undefined;
});

function ended(end: TrialEnd): RunResult {
  return run({ scenarios: [scenario({ trials: [trial({ end })] })] });
}

test.each([
  ['ok', 1],
  ['threw', 1],
  ['hung', 0],
  ['cut', 0],
] as const)('the model is asked about a scenario that ended %s: %i times', async (end, times) => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  reportRun(ended(end), await discover(['litmus/sb-atomics']), { json: join(folder, 'r.json') });
  expect(explorer.rulesWithModel).toHaveBeenCalledTimes(times);
});
