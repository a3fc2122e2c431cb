import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { abi } from './cli.ts';

// What `dump` reads of a file, and how it calls bytes that are no member's.

const folder = mkdtempSync(join(tmpdir(), 'syslets-dump-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const types = join(folder, 'types.ts');
writeFileSync(
  types,
  `import { array, char, flexible, i16, i64, int, struct, u8 } from 'syslets/abi';
export const pair = struct('pair', { a: int, b: int });
export const tail = struct('tail', { n: char, e: flexible(struct('', { k: i16 })) });
export const bytes = struct('bytes', { n: i64, e: flexible(u8) });
export const odd = struct('odd', { c: char, l: i64 });
export const holes = struct('holes', { c: char, in: array(struct('odd2', { q: char, z: int }), 2), end: char,
  few: array(u8, 6), many: array(u8, 9), gaps: array(struct('odd3', { z: i64, q: char }), 8) });
`,
);

const dump = (type: string, file: string, ...more: string[]) =>
  abi(['dump', `${types}:${type}`, file, '-t', 'x86_64', ...more]);

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Each line's place, name and number of bytes. */
function linesOf(stdout: string): string[] {
  return [...stdout.matchAll(/^ {2}([0-9a-f]{4}) {2}(\S.*?) +\| ((?:[0-9a-f]{2} ?)+)/gm)].map(
    ([, at, name, hex = '']) => `${at} ${name} ${hex.trim().split(' ').length}`,
  );
}

describe('syslets abi dump', () => {
  it('shows a flexible tail up to the end of the file', async () => {
    const file = written('tail.bin', Buffer.from([1, 0, 2, 0, 3, 0, 9]));
    const { stdout } = await dump('tail', file);
    expect(stdout).toMatch(/e\[0\]\.k .*\| 2\n.*e\[1\]\.k .*\| 3\n?$/);
    const none = await dump('tail', file, '--count', '0');
    expect([none.status, none.stderr]).toEqual([
      2,
      'syslets abi: --count 0: expected an integer from 1 up\n',
    ]);
  });

  it('calls bytes between members a hole, in arrays too, and elements that it passes not shown', async () => {
    const { stdout } = await dump('holes', written('holes.bin', Buffer.alloc(200)));
    expect(linesOf(stdout)).toEqual([
      ...['0000 c 1', '0001 (hole) 3', '0004 in[0].q 1', '0005 (hole) 3', '0008 in[0].z 4'],
      ...['000c in[1].q 1', '000d (hole) 3', '0010 in[1].z 4', '0014 end 1'],
      ...[0, 1, 2, 3, 4, 5].map((at) => `00${(0x15 + at).toString(16)} few[${at}] 1`),
      ...['001b many[0] 1', '001c many[1] 1', '001d many[2] 1', '001e (not shown) 3'],
      ...['0021 many[6] 1', '0022 many[7] 1', '0023 many[8] 1', '0024 (hole) 4'],
      ...['0028 gaps[0].z 8', '0030 gaps[0].q 1', '0031 (hole) 7'],
      ...['0038 gaps[1].z 8', '0040 gaps[1].q 1', '0041 (hole) 7'],
      ...['0048 gaps[2].z 8', '0050 gaps[2].q 1', '0051 (hole) 7', '0058 (not shown) 16'],
      ...['0078 gaps[5].z 8', '0080 gaps[5].q 1', '0081 (hole) 7'],
      ...['0088 gaps[6].z 8', '0090 gaps[6].q 1', '0091 (hole) 7'],
      ...['0098 gaps[7].z 8', '00a0 gaps[7].q 1', '00a1 (padding) 7'],
    ]);
  });

  it('reads what it shows of a file that is larger than memory', async () => {
    const large = join(folder, 'large.bin');
    writeFileSync(large, '');
    truncateSync(large, 2 ** 35);
    const { stdout, status } = await dump('pair', large, '--at', `${2 ** 34}`, '--count', '2');
    expect(stdout).toContain(`struct pair at ${2 ** 34 + 8} (8 bytes, x86_64)`);
    expect(status).toBe(0);
    const end = await dump('pair', large, '--at', `${2 ** 35 - 4}`);
    expect([end.status, end.stderr]).toEqual([
      2,
      `syslets abi: 1 × 8 bytes of struct pair do not fit: 4 bytes from ${2 ** 35 - 4} on (file of ${2 ** 35})\n`,
    ]);
    const tail = await dump('bytes', large);
    const more = 2 ** 35 - 8 - 2 ** 20;
    expect(tail.stdout).toContain(`\n(the tail goes on: ${more} bytes behind what is shown)\n`);
    const many = await dump('pair', large, '--count', `${2 ** 26}`);
    expect([many.status, many.stderr]).toEqual([2, expect.stringContaining('more than 256 MiB')]);
  });

  it('reads of a device what the type needs', async () => {
    const zeros = await dump('pair', '/dev/zero', '--at', '5', '--count', '3');
    expect(zeros.stdout.match(/\| 0$/gm)).toHaveLength(6);
    expect(zeros.stdout).toContain('struct pair at 21 (');
    const tail = await dump('bytes', '/dev/zero');
    expect(tail.stdout).toContain('(the tail goes on: more behind what is shown)');
    const none = await dump('pair', '/dev/null');
    expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('do not fit: 0 bytes')]);
    const maps = await dump('pair', '/proc/self/maps', '--at', '4');
    expect(maps.status).toBe(0);
  });

  it('reads of a FIFO what the type needs, whether or not its writer goes away', async ({
    skip,
  }) => {
    const fifo = join(folder, 'fifo');
    if (spawnSync('mkfifo', [fifo]).status !== 0) skip('mkfifo is not installed');
    // Both ends: no open waits, and the writer stays for as long as the test wants.
    const writer = spawn('sh', [
      '-c',
      'exec 3<>"$0"; printf 0123456789abcdefgh >&3; exec cat',
      fifo,
    ]);
    try {
      const { stdout, status } = await dump('pair', fifo, '--at', '2');
      expect(stdout).toContain('| 32 33 34 35');
      expect(stdout).toContain('| 36 37 38 39');
      expect(status).toBe(0);
    } finally {
      await ended(writer);
    }
  });

  it('reads stdin from where it stands', async () => {
    const file = written('stdin.bin', Buffer.from('0123456789abcdefghij'));
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    const script = `{ dd bs=1 count=4 of=/dev/null 2>/dev/null; exec "$0" "$@"; } < "$FILE"`;
    const args = ['-c', script, process.execPath, main, 'abi', 'dump', `${types}:pair`, '-'];
    const stdout = await new Promise<string>((resolve) => {
      const env = { ...process.env, FILE: file };
      execFile('sh', [...args, '-t', 'x86_64', '--at', '2'], { env }, (_, out) => resolve(out));
    });
    expect(stdout).toContain('| 36 37 38 39');
    const piped = await abi(['dump', `${types}:pair`, '-', '-t', 'x86_64'], {}, '01234567 more');
    expect(piped.stdout).toContain('| 34 35 36 37');
    const short = await abi(['dump', `${types}:pair`, '-', '-t', 'x86_64'], {}, '0123');
    expect(short.stderr).toContain('do not fit: 4 bytes from 0 on (file of 4)');
  });
});

function ended(writer: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    writer.once('close', () => resolve());
    writer.stdin?.end();
  });
}
