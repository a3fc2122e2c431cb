import type { Target, Type } from '../abi/index.ts';
import type { DebugTypes } from '../debug-info/debug-type.ts';
import type { Constants } from './import-header.ts';
import { typesIn } from './types-in.ts';

export interface LooseConstants {
  readonly constants: Constants;
  /** Names with several values, as units have them that know nothing of each other. */
  readonly failures: ReadonlyMap<string, string>;
}

/** Enumerators of a binary's enumerations without a name, bar those that `others` have in them. */
export function constantsInDebug(
  types: DebugTypes,
  others: Iterable<Type>,
  target: Target,
): LooseConstants {
  const inside = new Set<Type>();
  for (const type of others) typesIn(type, target, inside);
  const enums = [...inside].flatMap((one) => (one.kind === 'enum' ? [one] : []));
  const seen = new Set(enums.map(({ values }) => textOf(Object.entries(values))));
  const constants = new Map<string, bigint>();
  const failures = new Map<string, string>();
  for (const { scope, values } of types.looseEnums()) {
    if (seen.has(textOf(values))) continue;
    for (const [own, value] of values) {
      const name = `${scope}${own}`;
      const known = constants.get(name);
      if (known === undefined) constants.set(name, value);
      else if (known !== value)
        failures.set(name, 'enumerations without a name there give it several values');
    }
  }
  for (const name of failures.keys()) constants.delete(name);
  return { constants, failures };
}

function textOf(values: Iterable<readonly [string, number | bigint]>): string {
  return [...values].map(([name, value]) => `${name}=${value}`).join();
}
