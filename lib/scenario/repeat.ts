import { checkInteger } from '../check.ts';

const MAX_ACTORS = 8;

/**
 * The same actor so many times, for `actors`: `repeat(3, worker)` is `worker1`, `worker2` and
 * `worker3`. Spread it beside others: `{ ...repeat(2, writer), reader }`.
 */
export function repeat<A>(count: number, actor: A, name = nameOf(actor)): Record<string, A> {
  checkInteger('repeat: count', count, 1, MAX_ACTORS);
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}${i + 1}`, actor]));
}

function nameOf(actor: unknown): string {
  const { name, symbol, kind } = actor as { name?: string; symbol?: string; kind?: string };
  return name || symbol || kind || 'actor';
}
