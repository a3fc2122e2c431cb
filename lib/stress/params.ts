import type { Params, ParamValue, ScenarioFamily } from '../scenario/index.ts';
import { StressError } from './error.ts';

/** What `--param` asks for: values by names, as texts. */
export type ParamChoice = ReadonlyMap<string, readonly string[]>;

/** `version=old`, more than once for several parameters or several values. */
export function parseParams(texts: readonly string[]): ParamChoice {
  const choice = new Map<string, string[]>();
  for (const text of texts) {
    const [, name, value] = /^([a-zA-Z][\w-]*)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new StressError(`--param is '${text}', expected a name and a value: version=2.0`);
    }
    choice.set(name, [...(choice.get(name) ?? []), value]);
  }
  return choice;
}

/** Rows of the table with these values; a value that no row has takes the place of the others. */
export function chosenRows({ rows }: ScenarioFamily, choice: ParamChoice): readonly Params[] {
  const found = new Map<string, Params>();
  for (const row of rows) {
    for (const one of variants(row, rows, choice)) found.set(JSON.stringify(one), one);
  }
  return [...found.values()];
}

function variants(row: Params, rows: readonly Params[], choice: ParamChoice): Params[] {
  let made: Params[] = [row];
  for (const [name, texts] of choice) {
    if (!(name in row)) continue;
    made = made.flatMap((one) => texts.flatMap((text) => withValue(one, rows, name, text)));
  }
  return made;
}

/** The row itself if it has the value, none if another row has it, else the row with it. */
function withValue(row: Params, rows: readonly Params[], name: string, text: string): Params[] {
  if (String(row[name]) === text) return [row];
  if (rows.some((other) => String(other[name]) === text)) return [];
  return [{ ...row, [name]: valueLike(row[name], name, text) }];
}

/** A value of the kind that the table has. */
function valueLike(known: ParamValue | undefined, name: string, text: string): ParamValue {
  if (typeof known === 'number' && text.trim() !== '' && !Number.isNaN(Number(text))) {
    return Number(text);
  }
  if (typeof known === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  if (typeof known === 'string') return text;
  throw new StressError(`--param ${name} is '${text}', expected a ${typeof known}`);
}

/** @throws StressError where no scenario has such a parameter. */
export function checkParamNames(
  found: readonly { readonly params: Params | undefined }[],
  choice: ParamChoice,
): void {
  const known = new Set(found.flatMap(({ params }) => Object.keys(params ?? {})));
  for (const name of choice.keys()) {
    if (known.has(name)) continue;
    const names = known.size === 0 ? 'none' : [...known].join(', ');
    throw new StressError(`no scenario has a parameter '${name}' (parameters: ${names})`);
  }
}
