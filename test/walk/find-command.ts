import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const MODES = ['syslets', 'sync', 'promises'] as const;

export interface CommandResult {
  readonly status: number | null;
  /** One character for each byte. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly uid?: number;
  readonly gid?: number;
  readonly cwd?: string;
}

/** `syslets find ...`, with its output in pipes. */
export function findCommand(args: readonly string[], options: CommandOptions = {}): CommandResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'find', ...args], {
    encoding: 'latin1',
    timeout: 60_000,
    maxBuffer: 1 << 28,
    ...options,
  });
  return { status, stdout, stderr };
}

/** Its totals, by --json. */
export function totalsOf(args: readonly string[], options: CommandOptions = {}) {
  const { status, stdout, stderr } = findCommand([...args, '--json'], options);
  const { entries, bytes, failed, vanished, ...rest } = JSON.parse(stdout);
  return { status, stderr, entries, bytes: BigInt(bytes), failed, vanished, rest };
}
