import {
  type Checker,
  type History,
  NEVER,
  newHistory,
  type Program,
  programText,
} from '../../linearizability/index.ts';
import { callText } from '../../linearizability/program.ts';
import type { FailedHistory, HistoryCall, MisfitHistory, NearOrder } from '../../report/result.ts';
import { UNENDED } from './canonical.ts';
import type { HistoryText } from './messages.ts';

/** A history that does not fit, with the program that made it. */
export interface Failure {
  readonly program: Program;
  readonly history: HistoryText;
}

/** How often the small program fails: of so many histories, or of so many runs where a call hangs. */
export interface Rate {
  readonly misfits: number;
  readonly of: number;
  readonly ms: number;
}

const THREADS = 'ABCD';

/** What a report shows of a failure. */
export function failedHistory(
  checker: Checker,
  failure: Failure,
  original: Program,
  rate: Rate,
): FailedHistory {
  const history = numbersOf(failure, checker);
  return { ...misfitHistory(checker, failure.program, history, programText(original)), ...rate };
}

/** A history that does not fit, for people; `original` is the program that it was made small from. */
export function misfitHistory(
  checker: Checker,
  program: Program,
  history: History,
  original: string,
): MisfitHistory {
  const check = checker.of(program);
  const why = check.why(history);
  const names = program.threads.flatMap((calls, thread) =>
    calls.map((call) => `${THREADS[thread]}: ${callText(call)}`),
  );
  const result = (call: number) => checker.codes.text(history.result[call] as number);
  const orders: NearOrder[] = check.near(history).map(({ calls, next }) => ({
    calls: calls.map((call) => `${names[call]} → ${result(call)}`),
    next: next.map(({ call, model }) => ({ call: names[call] ?? '', seen: result(call), model })),
  }));
  return {
    condition: checker.structure.condition,
    program: programText(program),
    original,
    threads: threadsOf(program, history, result),
    ...(why === undefined ? {} : { why }),
    orders,
  };
}

/** The numbers of a history that came as text. */
export function numbersOf({ program, history }: Failure, { codes }: Checker): History {
  const calls = program.threads.flat().length;
  const numbers = newHistory(calls);
  numbers.begin.set(history.begin);
  numbers.end.set(history.end.map((end) => (isEnded(end) ? end : NEVER)));
  numbers.result.set(history.result.map((text) => codes.ofText(text)));
  return numbers;
}

function threadsOf(
  program: Program,
  { begin, end }: History,
  result: (call: number) => string,
): HistoryCall[][] {
  let at = 0;
  return program.threads.map((calls) =>
    calls.map((call) => {
      const index = at++;
      const ended = end[index] as number;
      return {
        call: callText(call),
        result: result(index),
        begin: begin[index] as number,
        end: isEnded(ended) ? ended : null,
      };
    }),
  );
}

function isEnded(end: number): boolean {
  return end < UNENDED;
}
