import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bool, double, float, int, longdouble, u64 } from '../../lib/abi/index.ts';
import { charsText, valueText } from '../../lib/abi-tools/value-text.ts';
import { abi } from './cli.ts';

/** Enumerations and arrays of char, alone and as members. */

const folder = mkdtempSync(join(tmpdir(), 'syslets-plain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, 'plain.ts');
writeFileSync(
  file,
  `import { array, char, enumeration, struct, uchar } from 'syslets/abi';
export const mode = enumeration('mode', { IDLE: 0, BUSY: 7, BROKEN: -1 });
export const name = array(char, 12);
export const job = struct('job', { name: array(char, 12), mode, modes: array(mode, 2), one: char,
  raw: array(uchar, 3), lines: array(array(char, 4), 2), in: array(struct('', { text: array(char, 4) }), 1) });
`,
);

const bytes = Buffer.alloc(40);
bytes.write('hello\0wor');
bytes.writeInt32LE(7, 12);
bytes.writeInt32LE(-1, 16);
bytes.writeInt32LE(5, 20);
bytes.write('Qab\0one\0twoo', 24);
bytes.write('a\xff', 36, 'latin1');
const input = join(folder, 'job.bin');
writeFileSync(input, bytes);

function spoken(stdout: string): string[] {
  const rows = stdout.trim().split('\n').slice(1);
  return rows
    .map((row) => row.split('|').map((part) => part.trim()))
    .map(([name = '', , value = '']) => `${name.slice(6)}: ${value}`);
}

describe('syslets abi dump', () => {
  it('names enumerators, and shows arrays of char as text', async () => {
    const { stdout } = await abi(['dump', `${file}:job`, input, '-t', 'x86_64']);
    expect(spoken(stdout)).toEqual([
      'name: "hello", more behind the NUL',
      'mode: 7 (BUSY)',
      'modes[0]: -1 (BROKEN)',
      'modes[1]: 5 (no enumerator)',
      "one: 81 (0x51, 'Q')",
      'raw[0]: 97 (0x61)',
      'raw[1]: 98 (0x62)',
      'raw[2]: 0',
      'lines[0]: "one"',
      'lines[1]: "twoo"',
      'in[0].text: no text',
    ]);
  });

  it('takes a type that is no struct', async () => {
    const { stdout } = await abi(['dump', `${file}:mode`, input, '--at', '12', '-t', 'x86_64']);
    expect(stdout).toContain('enum mode at 12 (4 bytes, x86_64)');
    expect(spoken(stdout)).toEqual(['(value): 7 (BUSY)']);
    const big = await abi(['dump', `${file}:mode`, input, '--at', '12', '-t', 'ppc64']);
    expect(spoken(big.stdout)).toEqual(['(value): 117440512 (no enumerator)']);
    const chars = await abi(['dump', `${file}:name`, input, '-t', 'x86_64']);
    expect(spoken(chars.stdout)).toEqual(['(value): "hello", more behind the NUL']);
  });

  it.each([
    ['', '""'],
    ['Grüße, 世界\n', '"Grüße, 世界\\n"'],
    ['\x1b[31m', 'no text'],
    ['x'.repeat(70), `"${'x'.repeat(60)}"…`],
    ['a\0\0\0', '"a"'],
    ['a\0b', '"a", more behind the NUL'],
  ])('of %j says %s', (text, told) => {
    expect(charsText(Buffer.from(text))).toBe(told);
  });
});

it.each([
  [float, 16, '16'],
  [double, -0, '-0'],
  [double, 1e300, '1e+300'],
  [longdouble, -1.5, '-1.5'],
  [float, Number.NaN, 'NaN'],
  [int, -16, '-16'],
  [u64, 2n ** 64n - 1n, '18446744073709551615 (0xffffffffffffffff)'],
  [bool, true, 'true'],
])('a value of %o, %s, is %s', (type, value, told) => {
  expect(valueText(type, value)).toBe(told);
});

describe('syslets abi diagram', () => {
  it('draws an enumeration with its values, and an array of char', async () => {
    const { stdout } = await abi(['diagram', `${file}:mode`, '-t', 'x86_64']);
    expect(stdout).toContain('    0 |enum mode      |');
    expect(stdout).toContain('values: IDLE=0 BUSY=7 BROKEN=-1');
    const chars = await abi(['diagram', `${file}:name`, '-t', 'x86_64']);
    expect(chars.stdout).toContain('|char[12]');
    expect(chars.stdout).not.toContain('///');
    const output = join(folder, 'mode.svg');
    await abi(['diagram', `${file}:mode`, '-t', 'x86_64,ppc64', '-o', output]);
    const svg = readFileSync(output, 'utf8');
    expect(svg).toContain('<title>enum mode: byte 0, 4 bytes</title>');
    expect(svg.match(/values: IDLE=0/g)).toHaveLength(2);
  });
});
