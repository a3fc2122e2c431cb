// What a thread says of itself while it makes histories, and what a call that waits is told of the others.
import { expect, test } from 'vitest';
import {
  linearizable,
  operation,
  sharedBuffer,
  type Wait,
} from '../../lib/linearizability/index.ts';
import { random } from '../../lib/random.ts';
import { SAMPLE, threadWord } from '../../lib/stress/control.ts';
import { historyMemory, IN_WAIT, NOWHERE } from '../../lib/stress/histories/memory.ts';
import type { Schedule } from '../../lib/stress/histories/schedule.ts';
import { TextStore } from '../../lib/stress/histories/text-store.ts';
import { Walker } from '../../lib/stress/histories/walker.ts';

const HISTORIES = 4;
const OTHER = threadWord(1);

/** The histories of one of two threads; `look` is called in each of its calls. */
function walk(
  look: (wait: Wait, words: Int32Array, history: number) => void,
  phases = 1,
): Int32Array {
  const memory = historyMemory(HISTORIES, 64);
  const words = new Int32Array(memory.control);
  let history = 0;
  const run = (_: unknown, wait: Wait) => look(wait, words, history++ % HISTORIES);
  const { structure } = linearizable({
    name: 'test/waits',
    create: () => ({}),
    memory: sharedBuffer(64),
    operations: { take: operation({ blocking: true, run }) },
    model: () => ({ count: 0, take: () => undefined }),
  });
  const call = { operation: 'take', args: [] };
  const program = { threads: [Array(phases).fill(call), [call]] };
  const request = { program, seed: 1, ms: 1, least: 0, sync: 0, isToEnd: false, stride: HISTORIES };
  const texts = new TextStore(memory.texts[0] as SharedArrayBuffer);
  const walker = new Walker(memory, structure, request, 0, texts, random(1));
  const schedule: Schedule = {
    phases: Array.from({ length: phases }, (_, index) => ({
      parts: [{ thread: 0, from: index, to: index + 1 }],
      before: index,
      after: index + 1,
    })),
    sync: 0,
    skew: 0,
    isStamped: true,
  };
  walker.rewind();
  new Walker(memory, structure, request, 1, texts, random(1)).rewind();
  for (const phase of schedule.phases) {
    const [part] = phase.parts;
    if (part)
      walker.walk(
        Array.from({ length: HISTORIES }, () => ({})),
        schedule,
        phase,
        part,
      );
  }
  return words;
}

test('a wait is over where the other is done with that history, or waits in it too', () => {
  const seen: unknown[] = [];
  walk(({ isOver }, words, history) => {
    const at = (sample: number, waiting: number) => {
      words[OTHER + SAMPLE] = sample;
      words[OTHER + IN_WAIT] = waiting;
      return isOver();
    };
    seen.push([
      at(history - 1, NOWHERE),
      at(history - 1, history - 1),
      at(history, NOWHERE),
      at(history, history),
      at(history + 1, NOWHERE),
      at(history + 1, history + 1),
    ]);
  });
  // not where it has not begun it, or is between two calls of it, or waits in an earlier one
  expect(seen).toEqual(Array(HISTORIES).fill([false, false, false, true, true, true]));
});

test('samples go up over the phases of a stride, so that nobody takes one phase for another', () => {
  const samples: number[] = [];
  const words = walk((_, own) => samples.push(own[threadWord(0) + SAMPLE] as number), 2);
  expect(samples).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(words[threadWord(0) + SAMPLE]).toBe(8);
  expect(words[threadWord(0) + IN_WAIT]).toBe(NOWHERE);
});
