import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { x86_64 } from '../../lib/abi/index.ts';
import { compareBinary } from '../../lib/abi-tools/binaries.ts';
import { parsePahole } from '../../lib/abi-tools/debug-peers.ts';
import { objectFor, whyNo } from './binaries.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-binaries-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** abi:binaries: it must see a difference, or its zeros say nothing. */
describe('a binary against pahole and gdb', () => {
  it('is compared member by member', async ({ skip }) => {
    const missing = whyNo('gcc') ?? whyNo('pahole') ?? whyNo('gdb');
    if (missing) skip(missing);
    const text = `
      struct point { char a; unsigned b : 3; unsigned c : 9; void (*call)(int); int grid[2][3]; };
      union both { struct point p; long l; };
      union both both;`;
    const row = await compareBinary(objectFor(folder, text, x86_64, ['-g'], 'gcc'), x86_64);
    expect(row.compared).toEqual({ pahole: 2, gdb: 2 });
    expect(row).toMatchObject({ differences: [], refused: [] });
  });

  it('reads what pahole prints', () => {
    const text = [
      'struct point {',
      '\tchar                       a;                    /*     0     1 */',
      '\tunsigned int               c:9;                  /*     0:11  4 */',
      '\tstruct {',
      '\t\tint                x;                    /*     8     4 */',
      '\t} in[2];                                         /*     8     8 */',
      '\tvoid                       (*call)(int);         /*    16     8 */',
      '',
      '\t/* size: 24, cachelines: 1, members: 4 */',
      '};',
    ].join('\n');
    expect(parsePahole(text).get('struct point')).toEqual([
      {
        name: 'struct point',
        size: 24,
        members: [
          { name: 'a', bitOffset: 0 },
          { name: 'c', bitOffset: 11 },
          { name: 'in', bitOffset: 64 },
          { name: 'call', bitOffset: 128 },
        ],
      },
    ]);
  });
});
