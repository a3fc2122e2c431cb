import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ExploredStep } from '../report/explore-result.ts';
import type { KernelStep } from './explorer.ts';
import { SeenStores } from './seen-stores.ts';

/** An execution for people, as of scenarios in JavaScript. */
export interface ExplainedSteps {
  readonly actors: readonly string[];
  readonly steps: readonly ExploredStep[];
}

const run = promisify(execFile);
/** What an actor does with memory: the rest is seen by all. */
const MEMORY = new Set(['read', 'write', 'update', 'flush']);

/**
 * The steps that another actor can see. What an actor does with memory of its own is left out: it is
 * the same in every order.
 */
export async function explainedSteps(
  program: string,
  trace: readonly KernelStep[],
): Promise<ExplainedSteps> {
  const shared = sharedNames(trace);
  const isShown = ({ op, what }: KernelStep) =>
    !MEMORY.has(op) || (what !== undefined && shared.has(what));
  const sites = await sourceLines(
    program,
    trace.filter(isShown).map(({ pc }) => pc ?? '0x0'),
  );
  const actors = actorsOf(trace);
  const stores = new SeenStores();
  const steps: ExploredStep[] = [];
  for (const step of trace) {
    const row = isShown(step) ? steps.length : undefined;
    const source = stores.sourceOf(step);
    const isStale = stores.isNewerElsewhere(step);
    stores.made(step, row);
    if (row === undefined) continue;
    const writer = source === undefined ? undefined : steps[source];
    const by = writer?.actor === step.actor ? 'its own' : actors[writer?.actor ?? 0];
    steps.push({
      actor: step.actor,
      kind: KINDS[step.op] ?? 'other',
      text: textOf(step),
      notes: [
        ...(writer && source !== undefined ? [`from step ${source + 1} of ${by}`] : []),
        ...(isStale ? ['stale: a newer store is still in a buffer'] : []),
        ...(step.store ? [STORES[step.store]] : []),
      ],
      site: sites[row] ?? '',
      ...(source === undefined ? {} : { from: [source] }),
    });
  }
  return { actors, steps };
}

const KINDS: Readonly<Record<string, string>> = {
  read: 'read',
  write: 'write',
  update: 'both',
  flush: 'flush',
  park: 'wait',
  wait: 'wait',
  block: 'wait',
  rest: 'wait',
  wake: 'notify',
  signal: 'notify',
};

const STORES = {
  waits: 'waits in its buffer',
  passes: 'is seen before those that wait',
} as const;

/** Names by index; one that did nothing has none. */
function actorsOf(trace: readonly KernelStep[]): readonly string[] {
  // a trace may be longer than a call has arguments
  const count = trace.reduce((most, { actor }) => Math.max(most, actor + 1), 0);
  return Array.from(
    { length: count },
    (_, index) => trace.find(({ actor }) => actor === index)?.name ?? '',
  );
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
  if (what === undefined) return op;
  const shown = value !== undefined && value > 9999 ? `0x${value.toString(16)}` : `${value}`;
  switch (op) {
    case 'read':
      return `${what} → ${shown}`;
    case 'write':
      return `${what} = ${shown}`;
    case 'flush':
      return `${what} = ${shown} leaves the buffer`;
    default:
      return `${op} ${what}: ${shown}`;
  }
}

/** Lines of the source that instructions of the program come from. None without addr2line. */
async function sourceLines(program: string, pcs: readonly string[]): Promise<readonly string[]> {
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
    if (!match) return '';
    const [, path = '', line = '0'] = match;
    const text = linesOf(path, files)[Number(line) - 1]?.trim() ?? '';
    return `${path.slice(path.lastIndexOf('/') + 1)}:${line} ${text}`.trimEnd();
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
