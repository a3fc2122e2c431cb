import { shown } from '../check.ts';
import { ScenarioError } from './error.ts';
import type { Scenario } from './scenario.ts';

export type ParamValue = string | number | boolean;
export type Params = Readonly<Record<string, ParamValue>>;

/** Values of each parameter, of which every combination runs; or the combinations themselves. */
export type ParamTable = Readonly<Record<string, readonly ParamValue[]>> | readonly Params[];

type Widened<V> = V extends string ? string : V extends number ? number : V;
type Of<T> = T extends readonly (infer Row)[]
  ? { readonly [K in keyof Row]: Widened<Row[K]> }
  : { readonly [K in keyof T]: T[K] extends readonly (infer V)[] ? Widened<V> : never };

/** Parameters as `make` sees them: `--param` may name values that are not in the table. */
export type ParamsOf<T extends ParamTable> = Of<T>;

const mark = Symbol.for('syslets.scenario-family');

/** One file, several scenarios: one for each row of its table of parameters. */
export interface ScenarioFamily {
  readonly rows: readonly Params[];
  readonly make: (params: Params) => Scenario | Promise<Scenario>;
}

/** What `scenario.with` gives. `make` may be async, to import what the parameters name. */
export function familyOf<const T extends ParamTable>(
  table: T,
  make: (params: ParamsOf<T>) => Scenario | Promise<Scenario>,
): ScenarioFamily {
  const rows = rowsOf(table);
  checkRows(rows);
  if (typeof make !== 'function')
    fail(`its second argument is ${shown(make)}, expected a function`);
  return Object.freeze({ [mark]: true, rows, make: make as ScenarioFamily['make'] });
}

export function isScenarioFamily(value: unknown): value is ScenarioFamily {
  return typeof value === 'object' && value !== null && mark in value;
}

/** `my/queue[version=old,size=4]`: what a scenario with parameters is called. */
export function nameWith(name: string, params: Params | undefined): string {
  const parts = Object.entries(params ?? {}).map(([key, value]) => `${key}=${value}`);
  return parts.length === 0 ? name : `${name}[${parts.join(',')}]`;
}

function rowsOf(table: ParamTable): readonly Params[] {
  if (Array.isArray(table)) return table as readonly Params[];
  if (typeof table !== 'object' || table === null) {
    return fail(`its table is ${shown(table)}, expected { name: [values] } or a list of rows`);
  }
  let rows: Params[] = [{}];
  for (const [name, values] of Object.entries(table)) {
    if (!Array.isArray(values)) fail(`${name} is ${shown(values)}, expected a list of values`);
    rows = rows.flatMap((row) =>
      (values as readonly ParamValue[]).map((value) => ({ ...row, [name]: value })),
    );
  }
  return rows;
}

const NAME = /^[a-zA-Z][\w-]*$/;

function checkRows(rows: readonly Params[]): void {
  if (rows.length === 0) fail('its table has no rows: every parameter needs one value at least');
  const names = Object.keys(rows[0] ?? {});
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) checkValue(name, value);
    if (Object.keys(row).join() === names.join()) continue;
    fail(`its rows have different parameters: ${names.join(', ')}; ${Object.keys(row).join(', ')}`);
  }
}

function checkValue(name: string, value: unknown): void {
  if (!NAME.test(name)) fail(`there is a parameter ${shown(name)}, expected letters and digits`);
  if (['string', 'number', 'boolean'].includes(typeof value)) return;
  fail(`${name} is ${shown(value)}, expected a text, a number or a boolean`);
}

function fail(what: string): never {
  throw new ScenarioError(`scenario.with: ${what}`);
}
