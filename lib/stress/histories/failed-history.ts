import {
  type Checker,
  type History,
  NEVER,
  newHistory,
  type Program,
  programText,
} from '../../linearizability/index.ts';
import { callText } from '../../linearizability/program.ts';
import type { FailedHistory, HistoryCall, NearOrder } from '../../report/result.ts';
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
  const { program, history } = failure;
  const numbers = numbersOf(failure, checker);
  const check = checker.of(program);
  const why = check.why(numbers);
  const names = program.threads.flatMap((calls, thread) =>
    calls.map((call) => `${THREADS[thread]}: ${callText(call)}`),
  );
  const result = (call: number) => history.result[call] ?? '';
  const orders: NearOrder[] = check.near(numbers).map(({ calls, next }) => ({
    calls: calls.map((call) => `${names[call]} → ${result(call)}`),
    next: next.map(({ call, model }) => ({ call: names[call] ?? '', seen: result(call), model })),
  }));
  return {
    condition: checker.structure.condition,
    program: programText(program),
    original: programText(original),
    threads: threadsOf(failure),
    ...(why === undefined ? {} : { why }),
    orders,
    ...rate,
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

function threadsOf({ program, history }: Failure): HistoryCall[][] {
  let at = 0;
  return program.threads.map((calls) =>
    calls.map((call) => {
      const index = at++;
      const end = history.end[index] as number;
      return {
        call: callText(call),
        result: history.result[index] ?? '',
        begin: history.begin[index] as number,
        end: isEnded(end) ? end : null,
      };
    }),
  );
}

function isEnded(end: number): boolean {
  return end < UNENDED;
}
