import { bareType } from '../abi/access.ts';
import { layout, type Target, type Type } from '../abi/index.ts';
import type { Question } from './ask.ts';
import { isRecord } from './diff-fact.ts';
import { seedOf } from './random.ts';

/** All that can be asked about a type under its name in C. */
export function questionFor(name: string, type: Type, target: Target): Question {
  const hasBytes = isRecord(bareType(type, target)) && layout(type, target).size > 0;
  return { name, type, ...(hasBytes ? { seed: seedOf(name) } : {}) };
}
