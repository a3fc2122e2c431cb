import { spawnSync } from 'node:child_process';
import { buildExplorer } from '../../lib/kernel-explore/index.ts';

/** Why kernel scenarios cannot be explored here; undefined where they can. */
export function whyNoExplorer(): string | undefined {
  if (process.arch !== 'x64' || process.platform !== 'linux')
    return 'the explorer is for x86_64 Linux';
  return spawnSync('gcc', ['--version']).status === 0 ? undefined : 'gcc is missing';
}

/** The program of the sources as they are, compiled once. */
export function explorerProgram(): Promise<string> {
  return buildExplorer({ warningsAreErrors: true });
}
