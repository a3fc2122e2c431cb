import type { Repetition } from '../report/result.ts';
import { configText } from './config.ts';
import type { Round } from './round.ts';
import type { SessionPart } from './session-request.ts';

type Counts = Readonly<Record<string, number>>;

interface OpenPart {
  readonly round: Round;
  ms: number;
  readonly counts: Map<string, number>;
  again?: Repetition;
}

/** Adds up the rounds of a session by their configurations. */
export class SessionTally {
  readonly #parts = new Map<string, OpenPart>();

  add(round: Round, ms: number, ...counts: readonly Counts[]): void {
    const part = this.#part(round);
    part.ms += ms;
    addCounts(part.counts, counts);
  }

  setAgain(round: Round, again: Repetition | undefined): void {
    if (again) this.#part(round).again = again;
  }

  /** With a round that is not over yet. */
  parts(current?: { round: Round; ms: number; counts: readonly Counts[] }): SessionPart[] {
    const parts = [...this.#parts.values()];
    const key = current && configText(current.round.config);
    if (current && key !== undefined && !this.#parts.has(key)) {
      parts.push({ round: current.round, ms: 0, counts: new Map() });
    }
    return parts.map((part) => {
      const isCurrent = configText(part.round.config) === key;
      return shown(part, isCurrent ? current : undefined);
    });
  }

  #part(round: Round): OpenPart {
    const key = configText(round.config);
    const known = this.#parts.get(key) ?? { round, ms: 0, counts: new Map<string, number>() };
    this.#parts.set(key, known);
    return known;
  }
}

function shown(
  { round, ms, counts, again }: OpenPart,
  more: { ms: number; counts: readonly Counts[] } = { ms: 0, counts: [] },
): SessionPart {
  const all = new Map(counts);
  addCounts(all, more.counts);
  let samples = 0;
  for (const count of all.values()) samples += count;
  return {
    config: round.config,
    seed: round.seed,
    samples,
    ms: ms + more.ms,
    counts: Object.fromEntries(all),
    ...(again ? { again } : {}),
  };
}

function addCounts(to: Map<string, number>, counts: readonly Counts[]): void {
  for (const one of counts) {
    for (const [text, count] of Object.entries(one)) to.set(text, (to.get(text) ?? 0) + count);
  }
}
