import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { KernelStep } from './explorer.ts';

/** A step as a row: who, what, and the line of the source that does it. */
export interface StepRow {
  readonly actor: number;
  readonly name: string;
  readonly text: string;
  /** `syslet.c:142`, with the text of that line; empty where there is none. */
  readonly where: string;
  readonly source: string;
}

const run = promisify(execFile);
const QUIET = new Set(['read', 'write', 'update']);

/**
 * The steps that another actor can see, as rows. What an actor does with memory of its own is
 * left out: it is the same in every order.
 */
export async function rowsOf(program: string, steps: readonly KernelStep[]): Promise<StepRow[]> {
  const shared = sharedNames(steps);
  const seen = steps.filter(
    ({ op, what }) => !QUIET.has(op) || (what !== undefined && shared.has(what)),
  );
  const lines = await sourceLines(
    program,
    seen.map(({ pc }) => pc ?? '0x0'),
  );
  return seen.map((step, at) => ({
    actor: step.actor,
    name: step.name,
    text: textOf(step),
    ...(lines[at] ?? { where: '', source: '' }),
  }));
}

/** Memory that several actors use and one of them writes, in this execution. */
function sharedNames(steps: readonly KernelStep[]): ReadonlySet<string> {
  const users = new Map<string, Set<number>>();
  const written = new Set<string>();
  for (const { actor, op, what } of steps) {
    if (what === undefined) continue;
    const of = users.get(what) ?? new Set<number>();
    users.set(what, of.add(actor));
    if (op !== 'read') written.add(what);
  }
  return new Set([...written].filter((name) => (users.get(name)?.size ?? 0) > 1));
}

function textOf({ op, what, value, chosen }: KernelStep): string {
  if (op === 'choose') return `the explorer chooses ${chosen ?? '?'}`;
  if (op === 'flush') return 'its oldest store is seen';
  if (what === undefined) return op;
  const shown = value !== undefined && value > 9999 ? `0x${value.toString(16)}` : `${value}`;
  return op === 'read' ? `${what} is ${shown}` : `${op} ${what}: ${shown}`;
}

/** Where instructions of the program come from. Without addr2line the rows have no source. */
async function sourceLines(program: string, pcs: readonly string[]) {
  let found: readonly string[] = [];
  try {
    const { stdout } = await run('addr2line', ['-e', program, ...pcs], { maxBuffer: 2 ** 28 });
    found = stdout.split('\n');
  } catch {
    return [];
  }
  const files = new Map<string, readonly string[]>();
  return pcs.map((_, at) => {
    const match = /^(\/.*):(\d+)/.exec(found[at] ?? '');
    if (!match) return { where: '', source: '' };
    const [, path = '', line = '0'] = match;
    const text = linesOf(path, files)[Number(line) - 1]?.trim() ?? '';
    return { where: `${path.slice(path.lastIndexOf('/') + 1)}:${line}`, source: text };
  });
}

function linesOf(path: string, files: Map<string, readonly string[]>): readonly string[] {
  let lines = files.get(path);
  if (!lines) {
    try {
      lines = readFileSync(path, 'utf8').split('\n');
    } catch {
      lines = [];
    }
    files.set(path, lines);
  }
  return lines;
}
