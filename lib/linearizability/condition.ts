/** What is asked of every history; each is weaker than those before it, or another. */
export const CONDITIONS = [
  'linearizable',
  'sequentially consistent',
  'quiescent consistent',
  'at most once',
  'per-producer order',
] as const;

export type Condition = (typeof CONDITIONS)[number];

/** Those that look at the values that were put and taken, and need no model. */
export function isAboutDelivery(condition: Condition): boolean {
  return condition === 'at most once' || condition === 'per-producer order';
}

/** What each asks, in a sentence: the reason in a table of outcomes. */
export const ASKS: Readonly<Record<Condition, string>> = {
  linearizable:
    'each operation takes effect at one moment between its call and its return, as the model says',
  'sequentially consistent':
    "one order, which keeps that of each thread, explains all results; threads' clocks do not count",
  'quiescent consistent':
    'one order explains all results; only moments at which nothing runs separate operations',
  'at most once': 'what is taken was put, and not taken before',
  'per-producer order':
    'what is taken was put, and not taken before, and comes in the order of its producer',
};
