import type { Structure } from './definition.ts';
import type { History } from './history.ts';
import { parseValue } from './parse-value.ts';
import { type Call, callText, ownArgs } from './program.ts';
import { CANCELLED, LOST, PENDING, type ResultCodes } from './result-codes.ts';
import type { Verdict } from './search.ts';
import { valueText } from './value-text.ts';

interface Put {
  readonly call: number;
  /** Its place among the values of its thread. */
  readonly place: number;
}

interface Take {
  readonly call: number;
  readonly value: string;
}

interface Moved {
  readonly puts: ReadonlyMap<string, readonly Put[]>;
  readonly takes: readonly Take[];
}

/** What a check of deliveries knows of a program. */
export interface DeliveryPlan {
  readonly structure: Structure;
  readonly calls: readonly Call[];
  readonly thread: Int32Array;
  readonly codes: ResultCodes;
}

/** Why a history breaks `at most once` or `per-producer order`; 'fits' or 'undecided' else. */
export function checkDelivery(plan: DeliveryPlan, history: History): Verdict | { why: string } {
  if (history.result.includes(LOST)) return 'undecided';
  const moved = movedBy(plan, history);
  const why = takenTwice(plan, moved, history);
  if (why !== undefined) return { why };
  if (plan.structure.condition === 'at most once') return 'fits';
  if ([...moved.puts.values()].some((list) => list.length > 1)) return 'undecided';
  const wrong = outOfOrder(plan, moved, history);
  return wrong === undefined ? 'fits' : { why: wrong };
}

function movedBy({ structure, calls, thread, codes }: DeliveryPlan, history: History): Moved {
  const puts = new Map<string, Put[]>();
  const takes: Take[] = [];
  const places = [0, 0, 0, 0];
  for (const [call, made] of calls.entries()) {
    const code = history.result[call] as number;
    if (code === CANCELLED) continue;
    const known = structure.operations.get(made.operation);
    const result = () => (code === PENDING ? undefined : parseValue(codes.text(code)));
    const owner = thread[call] as number;
    // a call that has not returned may have put, and has taken nothing for anybody
    for (const value of known?.puts?.(result(), ...ownArgs(made)) ?? []) {
      const text = valueText(value);
      const place = places[owner] ?? 0;
      places[owner] = place + 1;
      puts.set(text, [...(puts.get(text) ?? []), { call, place }]);
    }
    if (code === PENDING) continue;
    for (const value of known?.takes?.(result(), ...ownArgs(made)) ?? []) {
      takes.push({ call, value: valueText(value) });
    }
  }
  return { puts, takes };
}

function takenTwice({ calls }: DeliveryPlan, { puts, takes }: Moved, history: History) {
  const times = new Map<string, number>();
  for (const { call, value } of takes) {
    const by = callText(calls[call] as Call);
    const there = (puts.get(value) ?? []).filter(
      (put) => (history.begin[put.call] as number) <= (history.end[call] as number),
    );
    const taken = (times.get(value) ?? 0) + 1;
    times.set(value, taken);
    if (there.length === 0) return `${by} took ${value}, which was never put`;
    if (taken > there.length) {
      return `${value} was taken ${taken} times and put ${there.length === 1 ? 'once' : `${there.length} times`}`;
    }
  }
  return undefined;
}

/** Two values of one producer, taken one after the other, come in its order. */
function outOfOrder({ calls, thread }: DeliveryPlan, { puts, takes }: Moved, history: History) {
  const precedes = (a: number, b: number) =>
    thread[a] === thread[b] ? a <= b : (history.end[a] as number) < (history.begin[b] as number);
  for (const [index, first] of takes.entries()) {
    for (const [other, second] of takes.entries()) {
      const isFirst =
        first.call === second.call ? index < other : precedes(first.call, second.call);
      if (index === other || !isFirst) continue;
      const [a] = puts.get(first.value) ?? [];
      const [b] = puts.get(second.value) ?? [];
      if (!a || !b || thread[a.call] !== thread[b.call] || a.place < b.place) continue;
      const by = [a, b].map(({ call }) => callText(calls[call] as Call));
      return `${first.value} of ${by[0]} was taken before ${second.value} of ${by[1]}, which was put first`;
    }
  }
  return undefined;
}
