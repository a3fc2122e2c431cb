import { resolveMaybe } from '../../abi/index.ts';
import type { Types } from '../../abi-tools/load-types.ts';
import { showJson, showText } from '../../abi-tools/show.ts';
import { declaredIn, parseSpec, picked, targetLabel } from '../../abi-tools/spec.ts';
import { type SurveyOptions, type SurveyRow, survey, surveyText } from '../../abi-tools/survey.ts';
import { UserError } from '../../user-error.ts';
import { tellLeftOut } from './left-out.ts';
import { type CommonOptions, chosenType, print, printJson, readFor, targetsOf } from './options.ts';

export interface ShowOptions extends CommonOptions {
  readonly sizes?: boolean;
  readonly holes?: number;
  readonly containing?: string;
}

/** `syslets abi show`. */
export async function show(name: string, options: ShowOptions): Promise<void> {
  const { sizes, holes, containing } = options;
  if (sizes === true || holes !== undefined || containing !== undefined) {
    await showAll(name, options);
    return;
  }
  const { type, chosen } = await chosenType(name, options);
  const present = chosen.filter((target) => resolveMaybe(type, target));
  const missing = chosen.filter((target) => !present.includes(target)).map(targetLabel);
  if (options.json) {
    printJson({ layouts: present.map((target) => showJson(type, target)), missing });
    return;
  }
  const texts = present.map((target) => showText(type, target));
  print([...texts, ...missing.map((label) => `/* does not exist on ${label} */`)].join('\n\n'));
}

/** All structs and unions of a file, or those that are asked for. */
async function showAll(name: string, options: ShowOptions): Promise<void> {
  const spec = parseSpec(name);
  if (spec.type !== undefined) {
    throw new UserError(
      `'${name}': expected a FILE as a whole with --sizes, --holes and --containing`,
    );
  }
  const wanted = targetsOf(spec, name, options);
  const { read, chosen } = await readFor(wanted, options, (given) =>
    declaredIn(spec, wanted, { ...given, all: true }),
  );
  const { types, failures } = read;
  const asked = askedOf(types, spec.file ?? name, options);
  const lists: { target: string; types: readonly SurveyRow[] }[] = [];
  const reasons = [...failures].map(([type, reason]) => `${type}: ${reason}`);
  for (const target of chosen) {
    const label = targetLabel(target);
    const found = survey(types, target, asked);
    lists.push({ target: label, types: found.rows });
    reasons.push(...[...found.failures].map(([type, reason]) => `${type} on ${label}: ${reason}`));
  }
  tellLeftOut('not shown', reasons);
  if (options.json) {
    printJson(lists);
    return;
  }
  const texts = lists.map(({ target, types: rows }) =>
    rows.length === 0 ? `${target}: no such struct or union` : `${target}\n${surveyText(rows)}`,
  );
  print(texts.join('\n\n'));
}

function askedOf(types: Types, file: string, { holes, containing }: ShowOptions): SurveyOptions {
  return {
    ...(holes === undefined ? {} : { holes }),
    ...(containing === undefined ? {} : { containing: picked(types, containing, file)[1] }),
  };
}
