/**
 * The axioms once more, by the words of ECMA-262 and with nothing of lib/memory-model: relations are
 * sets of pairs, memory-order is every permutation in turn. For programs without branches, of which
 * each write has a constant: then what is read from decides everything.
 */
export interface NaiveAccess {
  readonly do: 'load' | 'store' | 'exchange';
  readonly isAtomic: boolean;
  readonly at: number;
  readonly size: number;
  readonly tears: boolean;
  /** What is stored: the same byte again and again. */
  readonly byte: number;
}

interface Event extends NaiveAccess {
  readonly agent: number;
  readonly isInit: boolean;
}

const reads = ({ do: what }: Event) => what !== 'store';
const writes = ({ do: what }: Event) => what !== 'load';
const isSeqCst = ({ isAtomic }: Event) => isAtomic;
const isSame = (a: Event, b: Event) => a.at === b.at && a.size === b.size;
const bytes = ({ at, size }: Event) => Array.from({ length: size }, (_, index) => at + index);
const overlaps = (a: Event, b: Event) => bytes(a).some((byte) => bytes(b).includes(byte));

type Sources = ReadonlyMap<Event, readonly Event[]>;

/** Outcomes of agents, and of loads when all have ended: the values of all reads, in order. */
export function naiveOutcomes(
  agents: readonly (readonly NaiveAccess[])[],
  finals: readonly NaiveAccess[],
): string[] {
  const own = [...agents, finals].flatMap((all, agent) =>
    all.map((access): Event => ({ ...access, agent, isInit: false })),
  );
  const inits = own
    .filter(reads)
    .filter((event, index, all) => all.findIndex((other) => isSame(event, other)) === index)
    .map(({ at, size }): Event => {
      const isInit = { agent: -1, isInit: true, isAtomic: false, tears: false };
      return { do: 'store', at, size, byte: 0, ...isInit };
    });
  const outcomes = new Set<string>();
  eachSources([...inits, ...own], own.filter(reads), new Map(), (sources) => {
    const text = own
      .filter(reads)
      .map((event) => (sources.get(event) as readonly Event[]).map(({ byte }) => byte).join('.'))
      .join(' ');
    if (outcomes.has(text)) return;
    if (isValid([...inits, ...own], sources, agents.length)) outcomes.add(text);
  });
  return [...outcomes].sort();
}

function eachSources(
  events: readonly Event[],
  left: readonly Event[],
  sources: Sources,
  visit: (sources: Sources) => void,
): void {
  const [event, ...others] = left;
  if (!event) {
    visit(sources);
    return;
  }
  // an init event of another range has the same bytes as the one of this range
  const writers = bytes(event).map((byte) =>
    events.filter(
      (other) =>
        other !== event &&
        writes(other) &&
        bytes(other).includes(byte) &&
        (!other.isInit || isSame(other, event)),
    ),
  );
  let lists: readonly Event[][] = [[]];
  for (const choices of writers) {
    lists = lists.flatMap((list) => choices.map((choice) => [...list, choice]));
  }
  for (const list of lists) {
    eachSources(events, others, new Map([...sources, [event, list]]), visit);
  }
}

type Pairs = ReadonlySet<string>;

/** `order` asks for some events in the memory-order that it finds. */
export function isValid(
  events: readonly Event[],
  sources: Sources,
  agents: number,
  order: (memoryOrder: readonly number[]) => boolean = () => true,
): boolean {
  const [pair, at] = [
    (a: number, b: number) => `${a} ${b}`,
    (event: Event) => events.indexOf(event),
  ];
  const everyPair = events.flatMap((_, a) => events.map((__, b) => [a, b] as const));
  const event = (index: number) => events[index] as Event;
  const readsFrom = everyPair.filter(([r, w]) => sources.get(event(r))?.includes(event(w)));

  const synchronizes = new Set(
    readsFrom
      .filter(([r, w]) => isSeqCst(event(r)) && isSeqCst(event(w)) && isSame(event(r), event(w)))
      .map(([r, w]) => pair(w, r)),
  );
  const before = closure(
    everyPair
      .filter(([a, b]) => {
        const [first, second] = [event(a), event(b)];
        if (first.isInit) return !second.isInit && overlaps(first, second);
        if (second.isInit) return false;
        if (first.agent === second.agent) return a < b;
        return second.agent === agents || synchronizes.has(pair(a, b));
      })
      .map(([a, b]) => pair(a, b)),
    events.length,
  );
  if (events.some((_, index) => before.has(pair(index, index)))) return false;

  for (const [read, writers] of sources) {
    const r = at(read);
    for (const [index, writer] of writers.entries()) {
      const w = at(writer);
      if (before.has(pair(r, w))) return false;
      const isHidden = events.some(
        (other, v) =>
          writes(other) &&
          bytes(other).includes(read.at + index) &&
          before.has(pair(w, v)) &&
          before.has(pair(v, r)),
      );
      if (isHidden) return false;
    }
    const whole = new Set(writers.filter((w) => !w.tears && !read.tears && isSame(w, read)));
    if (whole.size > 1) return false;
  }
  return somePermutation(events.length, before, (memoryOrder) => {
    if (!order(memoryOrder)) return false;
    const rank = (index: number) => memoryOrder.indexOf(index);
    return readsFrom.every(([r, w]) =>
      events.every((other, v) => {
        const isBetween = rank(w) < rank(v) && rank(v) < rank(r);
        if (!isBetween || !writes(other) || !isSeqCst(other)) return true;
        const [read, write] = [event(r), event(w)];
        if (synchronizes.has(pair(w, r)) && isSame(other, read)) return false;
        if (!before.has(pair(w, r))) return true;
        if (before.has(pair(v, r)) && isSeqCst(write) && isSame(write, other)) return false;
        return !(before.has(pair(w, v)) && isSeqCst(read) && isSame(other, read));
      }),
    );
  });
}

function closure(pairs: readonly string[], size: number): Pairs {
  const all = new Set(pairs);
  for (let via = 0; via < size; via++) {
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        if (all.has(`${a} ${via}`) && all.has(`${via} ${b}`)) all.add(`${a} ${b}`);
      }
    }
  }
  return all;
}

/** Every total order that has `before` in it, until one is found that is right. */
function somePermutation(
  size: number,
  before: Pairs,
  isRight: (order: readonly number[]) => boolean,
): boolean {
  const extend = (order: readonly number[]): boolean => {
    if (order.length === size) return isRight(order);
    for (let next = 0; next < size; next++) {
      if (order.includes(next)) continue;
      const isReady = Array.from({ length: size }, (_, other) => other).every(
        (other) => order.includes(other) || !before.has(`${other} ${next}`),
      );
      if (isReady && extend([...order, next])) return true;
    }
    return false;
  };
  return extend([]);
}

/** The event of an access, for tests that say themselves what reads from what. */
export function naiveEvent(access: NaiveAccess, agent: number): Event {
  return { ...access, agent, isInit: agent < 0 };
}
