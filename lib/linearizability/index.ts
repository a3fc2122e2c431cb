/** `syslets/linearizability`: concurrent objects against their sequential models. */
export { sharedBuffer } from '../scenario/index.ts';
export {
  type Argument,
  type ArgumentSource,
  type ArgumentValues,
  argument,
  oneOf,
  unique,
} from './argument.ts';
export { Checker, type NearOrder, ProgramChecker } from './checker.ts';
export type { Condition } from './condition.ts';
export {
  type Linearizable,
  type LinearizableDefinition,
  linearizable,
  type Model,
  type Structure,
} from './definition.ts';
export { LinearizabilityError } from './error.ts';
export { generateProgram } from './generate.ts';
export { type History, NEVER, newHistory } from './history.ts';
export { isLinearizable } from './is-linearizable.ts';
export { blocked, cancelled } from './marks.ts';
export { type Operation, operation, type Wait } from './operation.ts';
export { type Call, type Program, parseProgram, programText } from './program.ts';
export { PENDING } from './result-codes.ts';
export type { Verdict } from './search.ts';
export { smallerPrograms } from './shrink.ts';
