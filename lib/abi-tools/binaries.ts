import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout, type Target, type Type } from '../abi/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import {
  askPahole,
  gdbScript,
  type PeerRecord,
  type PeerRecords,
  parseGdb,
} from './debug-peers.ts';
import { importBinary, openBinary, targetOfBinary } from './import-binary.ts';
import { run } from './run.ts';

/** A binary's types as they are imported, against what pahole and gdb say of them. */

export interface BinaryRow {
  readonly file: string;
  readonly types: number;
  /** Structs and unions that both have. */
  readonly compared: Readonly<Record<'pahole' | 'gdb', number>>;
  readonly refused: readonly string[];
  readonly differences: readonly string[];
  readonly ourMs: number;
  readonly paholeMs: number;
}

export async function compareBinary(file: string, host: Target): Promise<BinaryRow> {
  const target = targetOfBinary(file, host);
  const start = performance.now();
  const { types, failures } = importBinary(openBinary(file, target));
  const ourMs = performance.now() - start;
  const before = performance.now();
  const pahole = await askPahole(file);
  const paholeMs = performance.now() - before;
  const records = [...types].filter(([name]) => /^(?:struct|union) /.test(name));
  const gdb = await askGdb(
    file,
    records.map(([name]) => name),
  );
  const seen = { pahole: 0, gdb: 0 };
  const differences: string[] = [];
  for (const [peer, theirs] of [
    ['pahole', pahole],
    ['gdb', gdb],
  ] as const) {
    for (const [name, type] of records) {
      const answers = theirs.get(name);
      if (!answers || types.has(`${name}__2`)) continue;
      seen[peer] += 1;
      const faults = answers.map((one) => fault(type, target, one));
      // Each peer has some layouts of a name; ours must be one of them.
      if (!faults.includes('')) differences.push(`${name}: ${peer}: ${faults[0]}`);
    }
  }
  const refused = [...failures].map(([name, reason]) => `${name}: ${reason}`);
  return { file, types: types.size, compared: seen, refused, differences, ourMs, paholeMs };
}

/** '' if it is the same. */
function fault(type: Type, target: Target, theirs: PeerRecord): string {
  const ours = layout(type, target);
  if (theirs.size !== undefined && ours.size !== theirs.size)
    return `size ${ours.size}, theirs ${theirs.size}`;
  const places = new Map(ours.fields.map((field) => [field.key, field.bitOffset]));
  for (const { name, bitOffset } of theirs.members) {
    const own = places.get(name);
    if (own !== bitOffset) return `${name} at bit ${own}, theirs ${bitOffset}`;
  }
  return '';
}

async function askGdb(file: string, names: readonly string[]): Promise<PeerRecords> {
  const folder = temporaryFolder('syslets-gdb-');
  try {
    const [asked, answers, script] = ['names.json', 'answers.json', 'ask.py'].map((name) =>
      join(folder.path, name),
    ) as [string, string, string];
    writeFileSync(asked, JSON.stringify(names));
    writeFileSync(script, gdbScript(asked, answers));
    const { status, stderr } = await run('gdb', ['-nx', '-batch', '-x', script, file]);
    if (status !== 0 || !existsSync(answers)) throw new Error(`gdb cannot be asked: ${stderr}`);
    return parseGdb(readFileSync(answers, 'utf8'));
  } finally {
    folder.remove();
  }
}
