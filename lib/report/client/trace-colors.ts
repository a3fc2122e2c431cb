const CONTEXTS = 6;
const NAMES = [
  'text',
  'muted',
  'line',
  'surface',
  'stripe',
  'focus',
  'inline',
  'pending',
  'pending-line',
  'dispatched',
] as const;

export type Colors = Readonly<Record<(typeof NAMES)[number], string>> & {
  readonly context: (order: number) => string;
};

/** The page's colours as a canvas needs them: resolved for light or dark. */
export function readColors(): Colors {
  const probe = document.createElement('span');
  document.body.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const named = Object.fromEntries(NAMES.map((name) => [name, read(name)]));
  const contexts = Array.from({ length: CONTEXTS }, (_, i) => read(`context-${i}`));
  probe.remove();
  const context = (order: number) => contexts[order % CONTEXTS] ?? '';
  return { ...(named as Readonly<Record<(typeof NAMES)[number], string>>), context };
}
