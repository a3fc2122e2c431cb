import { run } from './run.ts';

/** What pahole and gdb say of a binary's structs and unions, to compare with. */

export interface PeerMember {
  readonly name: string;
  /** Bits from the record's start, little-endian. */
  readonly bitOffset: number;
}

/** Of a name that stands for several types, each of them. */
export interface PeerRecord {
  /** pahole does not tell a union's. */
  readonly size: number | undefined;
  readonly members: readonly PeerMember[];
}

export type PeerRecords = ReadonlyMap<string, readonly PeerRecord[]>;

/** By `struct x`. Throws where it cannot be run. */
export async function askPahole(file: string): Promise<PeerRecords> {
  const { status, stdout, stderr } = await run('pahole', [file]);
  if (status === undefined) throw new Error(`pahole cannot be run: ${stderr}`);
  return parsePahole(stdout.toString());
}

const opening = /^((?:struct|union) [\w$]+) \{$/;
const sizeLine = /^\t\/\* size: (\d+),/;
const place = /\/\*\s+(\d+)(?::\s*(\d+))?\s+\d+ \*\/$/;
const declared = /([\w$]+)(?:\[\d*\])*(?::\d+)?;/;
const called = /\(\*\s*([\w$]+)(?:\[\d*\])*\)\(/;

interface Open {
  readonly name: string;
  size: number | undefined;
  readonly members: PeerMember[];
}

/** Members of the outermost records: they are indented by one tab. */
export function parsePahole(text: string): PeerRecords {
  const found = new Map<string, PeerRecord[]>();
  let open: Open | undefined;
  for (const line of text.split('\n')) {
    const name = opening.exec(line)?.[1];
    if (name !== undefined) open = { name, size: undefined, members: [] };
    else if (line.startsWith('}') && open) {
      found.set(open.name, [...(found.get(open.name) ?? []), open]);
      open = undefined;
    } else if (open) {
      const [, size] = sizeLine.exec(line) ?? [];
      if (size !== undefined) open.size = Number(size);
      const member = memberIn(line);
      if (member) open.members.push(member);
    }
  }
  return found;
}

function memberIn(line: string): PeerMember | undefined {
  if (!/^\t[^\t/]/.test(line)) return undefined;
  const [, byte, bit = '0'] = place.exec(line) ?? [];
  const [, name] = called.exec(line) ?? declared.exec(line) ?? [];
  if (byte === undefined || name === undefined) return undefined;
  return { name, bitOffset: Number(byte) * 8 + Number(bit) };
}

const script = `
import gdb, json, sys
out = []
for name in json.load(open(NAMES)):
    try:
        found = gdb.lookup_type(name)
    except gdb.error:
        continue
    members = [[f.name, f.bitpos] for f in found.fields() if f.name and hasattr(f, 'bitpos')]
    out.append([name, found.sizeof, members])
json.dump(out, open(ANSWERS, 'w'))
`;

/** A script for gdb that asks for the types named in one file, and answers in another. */
export function gdbScript(names: string, answers: string): string {
  return script.replace('NAMES', JSON.stringify(names)).replace('ANSWERS', JSON.stringify(answers));
}

export function parseGdb(text: string): PeerRecords {
  const list = JSON.parse(text) as [string, number, [string, number][]][];
  return new Map(
    list.map(([name, size, members]) => [
      name,
      [{ size, members: members.map(([key, bitOffset]) => ({ name: key, bitOffset })) }],
    ]),
  );
}
