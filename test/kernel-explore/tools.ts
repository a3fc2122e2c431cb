import { spawnSync } from 'node:child_process';
import { beforeAll, beforeEach } from 'vitest';
import { buildExplorer } from '../../lib/kernel-explore/index.ts';

/** Why kernel scenarios cannot be explored here; undefined where they can. */
function whyNoExplorer(): string | undefined {
  if (process.arch !== 'x64' || process.platform !== 'linux')
    return 'the explorer is for x86_64 Linux';
  return spawnSync('gcc', ['--version']).status === 0 ? undefined : 'gcc is missing';
}

/**
 * The program of the sources as they are, compiled once for all tests of a file; they are skipped, with
 * the reason, where it cannot be had.
 */
export function useExplorer(): () => string {
  const why = whyNoExplorer();
  let program = '';
  beforeAll(async () => {
    if (!why) program = await buildExplorer({ warningsAreErrors: true });
  }, 300_000);
  beforeEach((context) => {
    if (why) context.skip(why);
  });
  return () => program;
}
