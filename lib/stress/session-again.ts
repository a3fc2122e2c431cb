import type { Repetition } from '../report/result.ts';
import { epochMs } from './epoch.ts';
import { runHost } from './host.ts';
import type { SessionReport, SessionRequest } from './session-request.ts';

const MOST = 10;
/** All repetitions together, but one at least: whoever waits for the report waits for them. */
const ALL_MS = 2500;
/** A process has some times as long as it took to fail, within bounds, and before that a start. */
const PATIENCE = 4;
const LEAST_MS = 50;
const LONGEST_MS = 1500;
const START_MS = 400;
const LATE_START_MS = 1000;
/** The first may be late to start: where none is told of, nothing was measured. */
const FIRST_MS = 10_000;

export interface AgainOptions {
  /** The end of the run, in milliseconds since 1970: none begins that may not end before it. */
  readonly latest: number;
  /** Without a step for so long the actors hang: shorter than before, as it is known by now. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Whether a session ended as none should: the time was not just over. */
export function endedBadly({ end }: Pick<SessionReport, 'end'>): boolean {
  return end !== 'ok' && end !== 'cut';
}

/**
 * Measures how surely the command shows again that a session threw, hung or died: each repetition is
 * a process of its own with that configuration and seed, as the command's is.
 *
 * @returns undefined where the time was over before one told anything.
 */
export async function sessionAgain(
  request: SessionRequest,
  failed: SessionReport,
  options: AgainOptions,
): Promise<Repetition | undefined> {
  const { config, seed, program } = failed.last;
  const tookMs = failed.parts.reduce((sum, { ms }) => sum + ms, 0);
  const ms = Math.ceil(Math.min(Math.max(PATIENCE * tookMs, LEAST_MS), LONGEST_MS));
  const begin = epochMs();
  let [runs, shown] = [0, 0];
  const isEnough = (now: number) => runs >= MOST || (runs > 0 && now - begin >= ALL_MS);
  const isLeft = (now: number) => now + START_MS + ms + options.timeoutMs <= options.latest;
  while (!isEnough(epochMs()) && isLeft(epochMs()) && options.signal?.aborted !== true) {
    const now = epochMs();
    const report = await runHost(
      {
        ...request,
        config,
        seed,
        program: program ?? request.program,
        isFixed: true,
        keepGoing: false,
        until: now + START_MS,
        leastMs: ms,
        // a machine that is slow to begin the first gets more time: else nothing would be told
        latest: Math.max(
          now + START_MS + ms + options.timeoutMs + LATE_START_MS,
          runs > 0 ? 0 : Math.min(options.latest, now + FIRST_MS),
        ),
        timeoutMs: options.timeoutMs,
      },
      { signal: options.signal },
    );
    if (options.signal?.aborted || !tells(report)) continue;
    runs += 1;
    shown += showsIt(report) ? 1 : 0;
  }
  return runs === 0 ? undefined : { runs, shown, ms, tookMs: Math.round(epochMs() - begin) };
}

/** One that a busy machine did not let begin says nothing, nor one that was cut while it stood still. */
function tells(report: SessionReport): boolean {
  const hasSamples = report.parts.some(({ samples }) => samples > 0);
  return showsIt(report) || (report.end === 'ok' && hasSamples);
}

function showsIt(report: SessionReport): boolean {
  return endedBadly(report) || report.sightings.some(({ isForbidden }) => isForbidden);
}
