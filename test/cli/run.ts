import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of dist/ (built before the tests), with its output in pipes. */
export function runProgram(program: string, args: readonly string[]): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${DIST}/${program}`, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}
