import { targets } from '../../abi/index.ts';
import { sysletTypes } from '../../abi-tools/load-types.ts';
import { KERNEL_SCENARIOS } from '../../kernel-explore/index.ts';
import { discover } from '../../stress/index.ts';
import type { Names } from './values.ts';

/** A word that needs no quotes in any shell. */
const PLAIN = /^[\w./+-]+$/;

/** The names of this version, in the order in which a shell shows them. */
export async function allNames(): Promise<Names> {
  const scenarios = (await discover([])).map(({ name }) => name);
  const kernel = KERNEL_SCENARIOS.map(({ name }) => name);
  return {
    targets: [...Object.keys(targets), 'all'],
    types: [...sysletTypes.keys()].filter(isPlain),
    scenarios: withGroups(scenarios),
    explored: withGroups([...scenarios, ...kernel]),
  };
}

function withGroups(names: readonly string[]): readonly string[] {
  const groups = names.filter((name) => name.includes('/')).map((name) => name.split('/')[0] ?? '');
  return [...new Set([...groups, ...names])].filter(isPlain).sort();
}

function isPlain(name: string): boolean {
  return PLAIN.test(name);
}
