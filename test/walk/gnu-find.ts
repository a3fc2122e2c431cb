import { spawnSync } from 'node:child_process';

export interface Reference {
  readonly status: number | null;
  /** Lines of `find DIR`. */
  readonly entries: number;
  /** Sum of `find DIR -printf '%s\n'`. */
  readonly bytes: bigint;
  /** Paths as find prints them, sorted. */
  readonly paths: readonly string[];
}

interface User {
  readonly uid?: number;
  readonly gid?: number;
}

/** What GNU find says of a tree. A path is a string of one character for each byte. */
export function gnuFind(root: string | Buffer, user: User = {}): Reference {
  const names = run([root, '-print0'], user);
  const sizes = run([root, '-printf', '%s\\n'], user);
  const paths = names.stdout.split('\0').slice(0, -1).sort();
  const bytes = sizes.stdout.split('\n').slice(0, -1).map(BigInt);
  return {
    status: names.status,
    entries: paths.length,
    bytes: bytes.reduce((sum, size) => sum + size, 0n),
    paths,
  };
}

/** Why there is nothing to compare with; undefined where GNU find is. */
export function whyNoFind(): string | undefined {
  const { stdout } = spawnSync('find', ['--version'], { encoding: 'latin1' });
  return stdout?.includes('GNU findutils') ? undefined : 'there is no GNU find to compare with';
}

function run(args: readonly (string | Buffer)[], user: User) {
  // spawn takes no bytes: bash does, by an escape for each one
  const script = `exec find ${args.map((arg) => `$'${octal(Buffer.from(arg))}'`).join(' ')}`;
  return spawnSync('bash', ['-c', script], {
    encoding: 'latin1',
    maxBuffer: 1 << 28,
    env: { ...process.env, LC_ALL: 'C' },
    ...user,
  });
}

function octal(bytes: Buffer): string {
  return [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
