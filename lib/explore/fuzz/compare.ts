import type { Random } from '../../random.ts';
import type { Shard } from '../../report/result.ts';
import { modelOf } from '../model/model.ts';
import type { Machines, Program } from '../program.ts';
import { RandomWalk } from '../random-walk.ts';
import { Reduction } from '../reduction.ts';
import { type EndCount, type GraphResult, StateGraph } from '../state-graph.ts';
import { type BruteResult, bruteForce, TooMany } from './brute-force.ts';
import { type LittleProgram, randomProgram } from './little-program.ts';
import { exploredProgram } from './little-runner.ts';

/** What was compared for a program, and where two engines differ. */
export interface Comparison {
  readonly compared: readonly string[];
  readonly differences: readonly string[];
}

/** More interleavings than that are not tried one by one. */
const MOST = 20_000;
const MAX_STATES = 200_000;

/** Two actors of some statements or three of few, half of them with waits, a third with loops. */
export function programFor(next: Random): LittleProgram {
  const actors = 2 + (next() % 2);
  const statements = actors === 2 ? 5 : 3;
  const waits = next() % 2 === 0;
  return randomProgram(next, { actors, statements, waits, loops: next() % 3 === 0 });
}

export function compareAll(little: LittleProgram): Comparison {
  const compared: string[] = [];
  const differences: string[] = [];
  const results = { sc: explored(little, 'sc'), tso: explored(little, 'tso') };
  for (const machines of ['sc', 'tso'] as const) {
    const brute = triedAll(little, machines);
    if (brute === undefined) compared.push(`${machines} too large for brute force`);
    else {
      compared.push(`${machines} by brute force`);
      differences.push(...bruteDifferences(little, machines, brute, results[machines]));
    }
  }
  compared.push('reduced', 'in parts', 'resumed');
  differences.push(...reducedDifferences(little, results.sc));
  differences.push(...partDifferences(little, 'reduced', reducedPart));
  differences.push(...partDifferences(little, 'by chance', randomPart));
  for (const machines of ['sc', 'tso'] as const) {
    const resumed = resumedEnds(little, machines);
    differences.push(...unequal(resumed, results[machines], `${machines}, resumed`));
  }
  for (const text of results.sc.keys()) {
    if (!results.tso.has(text)) differences.push(`${text}: under sc, and not under tso`);
  }
  const model = comparedWithModel(little);
  return {
    compared: [...compared, ...model.compared],
    differences: [...differences, ...model.differences],
  };
}

/** What is looked at in the end: two words. Each byte by itself would be too much for the model. */
const FINALS = [
  { at: 0, size: 4 },
  { at: 4, size: 4 },
] as const;

/** What a machine lets happen the memory model allows; without a race it allows no more than SC. */
function comparedWithModel(little: LittleProgram): Comparison {
  const program = exploredProgram(little, FINALS);
  const { by, ends, isComplete, why = '' } = modelOf(program, { maxStates: MAX_STATES });
  if (!isComplete) return { compared: [`model: ${why}`], differences: [] };
  const allowed = new Set(ends.map(({ kind, text }) => `${kind} ${text}`));
  const seen = new Set<string>();
  const differences: string[] = [];
  for (const machines of ['sc', 'tso'] as const) {
    const graph = new StateGraph(program, machines);
    graph.search({ maxStates: MAX_STATES });
    for (const { kind, text } of graph.result().ends) {
      const end = `${kind} ${text}`;
      seen.add(end);
      // an actor may have thrown while another one hangs: the axioms look at executions that end
      const isDecided = by === 'race-free' || kind === 'outcome';
      if (isDecided && !allowed.has(end)) {
        differences.push(`${end}: under ${machines}, and not allowed by the model (${by})`);
      }
    }
  }
  const beyond = [...allowed].some((end) => !seen.has(end));
  const found = by === 'axioms' && beyond ? 'axioms, more than tso' : by;
  return { compared: [`model by ${found}`], differences };
}

/** Ends as the brute force writes them, and how many executions have each. */
type Ends = ReadonlyMap<string, bigint>;

function explored(little: LittleProgram, machines: Machines): Ends {
  const program = exploredProgram(little);
  const graph = new StateGraph(program, machines);
  graph.search({ maxStates: MAX_STATES });
  return plainEnds(program, graph.result());
}

export function plainEnds(program: Program, { ends }: Pick<GraphResult, 'ends'>): Ends {
  const found = new Map<string, bigint>();
  for (const end of ends) {
    const text = plainText(program, end);
    found.set(text, (found.get(text) ?? 0n) + end.executions);
  }
  return found;
}

function plainText({ actors }: Program, { kind, text }: EndCount): string {
  if (kind === 'outcome') return text;
  const names = [...text.matchAll(/(?:^|; )(a\d)/g)].map(([, name]) => name ?? '');
  if (kind === 'threw') return `threw ${names[0]}`;
  return `${kind} ${names.map((name) => actors.indexOf(name)).join(' ')}`;
}

function triedAll(little: LittleProgram, machines: Machines): BruteResult | undefined {
  try {
    return bruteForce(little, machines, MOST);
  } catch (error) {
    if (error instanceof TooMany) return undefined;
    throw error;
  }
}

function isLooping({ actors }: LittleProgram): boolean {
  return actors.some((all) => all.some((one) => one.do.startsWith('await')));
}

/** A loop has no number of looks: then only what can happen is compared, not how often. */
function bruteDifferences(
  little: LittleProgram,
  machines: Machines,
  brute: BruteResult,
  ends: Ends,
): string[] {
  const texts = new Set([...brute.ends.keys(), ...ends.keys()]);
  return [...texts].flatMap((text) => {
    const [tried, found] = [BigInt(brute.ends.get(text) ?? 0), ends.get(text) ?? 0n];
    const isSame = isLooping(little) ? tried > 0n === found > 0n : tried === found;
    return isSame ? [] : [`${machines}: ${text}: ${tried} by brute force, ${found} over the graph`];
  });
}

/** What there is, and not how often. */
function seen(ends: Ends): Ends {
  return new Map([...ends.keys()].map((text) => [text, 1n]));
}

function unequal(some: Ends, others: Ends, what: string): string[] {
  const texts = new Set([...some.keys(), ...others.keys()]);
  return [...texts].flatMap((text) => {
    const [one, other] = [some.get(text) ?? 0n, others.get(text) ?? 0n];
    return one === other ? [] : [`${what}: ${text}: ${one} and ${other}`];
  });
}

/** A search that stops again and again and goes on. */
function resumedEnds(little: LittleProgram, machines: Machines): Ends {
  const program = exploredProgram(little);
  const graph = new StateGraph(program, machines);
  let maxStates = 1;
  while (!graph.search({ maxStates })) maxStates += 1 + (maxStates >> 1);
  return plainEnds(program, graph.result());
}

type Part = (program: Program, part: Shard) => Pick<GraphResult, 'ends'>;

const PARTS = 3;
const CHANCES = 50;

const reducedPart: Part = (program, part) => new Reduction(program, part).search(() => false);

const randomPart: Part = (program, { index, count }) => {
  const walk = new RandomWalk(program, 'tso', 2007, 'uniform');
  for (let at = index - 1; at < CHANCES; at += count) walk.run(at);
  return walk;
};

/** The parts of a search together are the search. */
function partDifferences(little: LittleProgram, name: string, search: Part): string[] {
  const program = exploredProgram(little);
  const whole = plainEnds(program, search(program, { index: 1, count: 1 }));
  const sum = new Map<string, bigint>();
  for (let index = 1; index <= PARTS; index++) {
    const ends = plainEnds(program, search(program, { index, count: PARTS }));
    for (const [text, count] of ends) sum.set(text, (sum.get(text) ?? 0n) + count);
  }
  const what = `${name}, parts and the whole`;
  // which look of a loop is folded depends on what was tried before it
  return isLooping(little) ? unequal(seen(sum), seen(whole), what) : unequal(sum, whole, what);
}

/** The reduction sees every end, each at least once and no more often than it is. */
function reducedDifferences(little: LittleProgram, whole: Ends): string[] {
  const program = exploredProgram(little);
  const ends = plainEnds(
    program,
    new Reduction(program).search(() => false),
  );
  const texts = new Set([...whole.keys(), ...ends.keys()]);
  return [...texts].flatMap((text) => {
    const [all, some] = [whole.get(text) ?? 0n, ends.get(text) ?? 0n];
    if (some > 0n === all > 0n && some <= all) return [];
    return [`${text}: ${some} by reduction, ${all} over the graph`];
  });
}
