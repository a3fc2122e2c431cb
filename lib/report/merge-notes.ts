import type { Merged, RunFacts } from './merge.ts';
import type { EarlyEnd } from './result.ts';
import type { ScenarioTotals } from './scenario-tally.ts';

/** What a reader must know of how these runs fit together. */
export function mergeNotes({ runs, scenarios }: Merged): string[] {
  return [
    ...copies(runs),
    ...missingShards(runs),
    ...differences('version of syslets', runs, ({ tool }) => tool),
    ...differences('version of Node', runs, ({ machine }) => machine.node),
    ...differences('machine', runs, machineText),
    ...namesakes(scenarios),
    ...earlyEnds(runs),
    ...ownNotes(runs),
  ];
}

export function machineText({ machine }: RunFacts): string {
  const { cpu, cpus, platform, arch, release } = machine;
  return `${cpu}, ${cpus} processors, ${platform} ${release} ${arch}`;
}

function copies(runs: readonly RunFacts[]): string[] {
  return runs
    .filter(({ files }) => files.length > 1)
    .map(({ files }) => `${files.join(' and ')} hold the same run, which counts once`);
}

/** Shards of one run have its seed and the number of parts in common. */
function missingShards(runs: readonly RunFacts[]): string[] {
  const groups = new Map<string, Set<number>>();
  for (const { seed, shard, tool } of runs) {
    if (!shard) continue;
    const key = JSON.stringify([tool, seed, shard.count]);
    groups.set(key, (groups.get(key) ?? new Set()).add(shard.index));
  }
  return [...groups].flatMap(([key, there]) => {
    const [, seed, count] = JSON.parse(key) as [string, number, number];
    const missing = gaps(there, count);
    if (missing.length === 0) return [];
    const verb = count - there.size > 1 ? 'are' : 'is';
    return [`of seed ${seed}, ${missing.join(', ')} ${verb} missing`];
  });
}

/** `2/9, 4/9 to 9/9`: by what is there, since a damaged file may speak of any number of shards. */
function gaps(there: ReadonlySet<number>, count: number): string[] {
  const known = [...there].sort((a, b) => a - b);
  return [...known, count + 1].flatMap((next, i) => {
    const [first, last] = [(known[i - 1] ?? 0) + 1, next - 1];
    if (first > last) return [];
    return [first === last ? `${first}/${count}` : `${first}/${count} to ${last}/${count}`];
  });
}

const MOST_VALUES = 4;

function differences(
  what: string,
  runs: readonly RunFacts[],
  of: (run: RunFacts) => string,
): string[] {
  const values = [...new Set(runs.map(of))];
  if (values.length < 2) return [];
  const more = values.length > MOST_VALUES ? [`${values.length - MOST_VALUES} more`] : [];
  return [`more than one ${what}: ${[...values.slice(0, MOST_VALUES), ...more].join('; ')}`];
}

function namesakes(scenarios: readonly ScenarioTotals[]): string[] {
  const groups = new Map<string, ScenarioTotals[]>();
  for (const one of scenarios) {
    const group = groups.get(one.name);
    if (group) group.push(one);
    else groups.set(one.name, [one]);
  }
  return [...groups.values()]
    .filter(({ length }) => length > 1)
    .map((group) => {
      const [first] = group as [ScenarioTotals];
      const what = differing(group).join(', ');
      return `${first.name} is there in ${group.length} versions, which differ in ${what}: each is counted and graded by itself`;
    });
}

function differing(group: readonly ScenarioTotals[]): string[] {
  const members: readonly [string, (one: ScenarioTotals) => unknown][] = [
    ['their source', ({ source }) => source],
    ['their table of outcomes', ({ rules }) => rules],
    ['their registers', ({ registers }) => registers],
    ['their actors', ({ actors }) => actors],
    ['their description', ({ description }) => description],
  ];
  return members
    .filter(([, of]) => new Set(group.map((one) => JSON.stringify(of(one)))).size > 1)
    .map(([name]) => name);
}

const ENDS: Readonly<Record<EarlyEnd, string>> = {
  interrupted: 'the run was interrupted: what it says is of the time until then',
  forbidden: 'the run stopped at something wrong; with --keep-going it goes on',
  time: 'the time was too short for a moment of each scenario: give more --time',
};

function earlyEnds(runs: readonly RunFacts[]): string[] {
  return [...new Set(runs.flatMap(({ ended }) => (ended ? [ENDS[ended]] : [])))];
}

function ownNotes(runs: readonly RunFacts[]): string[] {
  return [...new Set(runs.flatMap(({ notes }) => notes))];
}
