import type { ExploredModel } from '../../report/explore-result.ts';
import { kindNames } from '../access.ts';
import type { ScenarioProgram } from '../scenario-program.ts';
import type { ModelFound } from './model.ts';

/** What was found, as results have it. */
export function exploredModel(program: ScenarioProgram, found: ModelFound): ExploredModel {
  const { by, ends, isComplete, why, race, candidates } = found;
  const allowed = ends
    .filter(({ kind }) => kind !== 'step limit')
    .map(({ kind, text }) => ({ kind, text }));
  const pair = race && {
    first: accessText(program, race.first),
    second: accessText(program, race.second),
  };
  return {
    by,
    allowed,
    isComplete,
    candidates,
    ...(why === undefined ? {} : { why }),
    ...(pair ? { race: pair } : {}),
  };
}

/** `writer's store of data (mp.ts:13:7)`. */
function accessText({ trees, actors, ...program }: ScenarioProgram, node: number): string {
  const actor = actors[trees.actorOf(node)];
  const place = program.placeName(trees.address[node] as number);
  const site = trees.site(node);
  return `${actor}'s ${kindNames[trees.kind[node] as number]} of ${place}${site === '' ? '' : ` (${site})`}`;
}
