import type { Call, Structure, Wait } from '../../linearizability/index.ts';
import { hasObjects, ownArgs } from '../../linearizability/program.ts';

/** One call of a program, ready to be made on an object. */
export type BoundCall = (object: unknown) => unknown;

/** Written out for few arguments: a spread call costs as much as a short operation. */
export function bindCall({ operations }: Structure, call: Call, wait: Wait): BoundCall {
  const { operation, args } = call;
  const known = operations.get(operation);
  if (!known) throw new TypeError(`there is no operation ${operation}`);
  const { run } = known;
  if (hasObjects(call)) return (object) => run(object, ...ownArgs(call), wait);
  const [a, b] = args;
  if (args.length === 0) return (object) => run(object, wait);
  if (args.length === 1) return (object) => run(object, a, wait);
  if (args.length === 2) return (object) => run(object, a, b, wait);
  return (object) => run(object, ...args, wait);
}
