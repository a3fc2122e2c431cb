let kept: readonly object[] = [];

/** Objects that die soon: the collector is at work while contexts move. */
export function makeGarbage(): number {
  kept = Array.from({ length: 500 }, (_, i) => ({ i, text: `garbage ${i}` }));
  return kept.length;
}
