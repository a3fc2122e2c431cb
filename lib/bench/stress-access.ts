import { i32 } from '../abi/index.ts';
import { cursorsOver } from '../stress/cursor.ts';
import { stateLayout } from '../stress/state-layout.ts';
import { trialMemory } from '../stress/trial-memory.ts';
import type { CaseResult } from './bench.ts';
import { interleave, timed } from './interleave.ts';
import { compared } from './result.ts';

const STATES = 4096;
const COUNT = 500;
const FIELDS = { x: i32, y: i32 };
const REGISTERS = { r1: i32 };

interface Fields {
  x: number;
  readonly y: number;
}

/** One walk of an actor over all states, as a trial does it. */
function byCursor(): () => void {
  const layout = stateLayout(FIELDS);
  const plan = { stride: STATES, padding: 'packed', threads: 1, graders: 1, cells: 1 } as const;
  const memory = trialMemory(layout, REGISTERS, plan);
  const { state, result, position } = cursorsOver(layout, REGISTERS, memory);
  const fields = state as unknown as Fields;
  const registers = result as unknown as { r1: number };
  return () => {
    for (let index = 0; index < STATES; index++) {
      position.index = index;
      fields.x = 1;
      registers.r1 = fields.y;
    }
  };
}

/** The same, written by hand. */
function byHand(): () => void {
  const state = new Int32Array(new SharedArrayBuffer(STATES * 8));
  const results = new Int32Array(new SharedArrayBuffer(STATES * 4));
  return () => {
    for (let index = 0; index < STATES; index++) {
      state[2 * index] = 1;
      results[index] = state[2 * index + 1] as number;
    }
  };
}

/** What the fields of a state cost beside elements of a typed array. */
export function stateAccess(): CaseResult {
  const [cursor, hand] = [byCursor(), byHand()];
  const perSample = (walk: () => void) => () =>
    timed(COUNT, (count) => {
      for (let run = 0; run < count; run++) walk();
    }) / STATES;
  const samples = interleave(perSample(cursor), perSample(hand), { rounds: 30 });
  const baseline = 'typed arrays by hand';
  return compared({ case: 'state access', unit: 'ns a sample', baseline }, samples);
}
