import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Printed {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `syslets abi` as a user does. */
export function abi(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input = '',
): Promise<Printed> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, GITHUB_ACTIONS: '', ...env }, maxBuffer: 2 ** 26 };
    const child = execFile(
      process.execPath,
      [main, 'abi', ...args],
      options,
      (error, stdout, stderr) => {
        resolve({ status: Number(error?.code ?? 0), stdout, stderr });
      },
    );
    child.stdin?.end(input);
  });
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}
