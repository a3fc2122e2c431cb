import { NEVER, PENDING, type Program } from '../../linearizability/index.ts';
import { ResultCodes } from '../../linearizability/result-codes.ts';
import { threadName } from '../../report/result.ts';
import { ACTING, ACTIVE, AT_BARRIER, PHASE, SAMPLE, threadWord } from '../control.ts';
import { BEGIN, END, type HistoryMemory, RESULT, recordWord, STEP, STEPS } from './memory.ts';
import type { HistoryText } from './messages.ts';
import { TextReader } from './text-store.ts';

/** A history in which a call has not returned: its program without the calls that never began. */
export interface StuckHistory {
  readonly program: Program;
  readonly history: HistoryText;
}

/** Where threads stand that make no history: `close in thread B`. */
export function stuckPlace({ control }: HistoryMemory, program: Program): string {
  const words = new Int32Array(control);
  const places = [...program.threads.keys()]
    .filter((thread) => Atomics.load(words, threadWord(thread) + PHASE) !== AT_BARRIER)
    .map((thread) => {
      const step = STEPS[Atomics.load(words, threadWord(thread) + STEP)];
      return `${step} in thread ${threadName(thread)}`;
    });
  return places.join(', ') || 'a barrier';
}

/** Reads the first history that holds the threads up; none where it is no call that does. */
export function stuckHistory(memory: HistoryMemory, program: Program): StuckHistory | undefined {
  const words = new Int32Array(memory.control);
  const acting = [...program.threads.keys()].filter(
    (thread) => Atomics.load(words, threadWord(thread) + PHASE) === ACTING,
  );
  if (acting.length === 0) return undefined;
  const at = acting.map((thread) => Atomics.load(words, threadWord(thread) + SAMPLE));
  const history = Math.max(0, Math.min(...at)) % Atomics.load(words, ACTIVE);
  const codes = new ResultCodes();
  const reader = new TextReader(memory.texts, codes);
  const records = new Int32Array(memory.records);
  const text: { begin: number[]; end: number[]; result: string[] } = {
    begin: [],
    end: [],
    result: [],
  };
  const ended = program.threads.flatMap((calls, thread) =>
    calls.filter((_, call) => {
      const word = recordWord(memory.stride, thread, history, call) + RESULT;
      return Atomics.load(records, word) !== PENDING;
    }),
  ).length;
  const threads = program.threads.map((calls, thread) => {
    const made = [];
    for (const [call, one] of calls.entries()) {
      const word = recordWord(memory.stride, thread, history, call);
      const code = Atomics.load(records, word + RESULT);
      made.push(one);
      text.begin.push(code === PENDING ? ended : (records[word + BEGIN] as number));
      text.end.push(code === PENDING ? NEVER : (records[word + END] as number));
      text.result.push(code === PENDING ? 'nothing yet' : codes.text(reader.code(thread, code)));
      // those behind it have not begun
      if (code === PENDING) break;
    }
    return made;
  });
  return { program: { threads }, history: text };
}
