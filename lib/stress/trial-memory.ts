import type { Registers } from '../scenario/index.ts';
import { controlWords } from './control.ts';
import { LINE_BYTES, type StateLayout } from './state-layout.ts';
import { valueSource } from './value-source.ts';

/** All that the threads of a trial share; plain data, so that it goes to workers as it is. */
export interface TrialMemory {
  /** States that fit: the longest stride. */
  readonly stride: number;
  /** Bytes from one state to the next. */
  readonly step: number;
  readonly state: SharedArrayBuffer;
  readonly results: SharedArrayBuffer;
  /** Where in `results` the array of each register begins. */
  readonly registerOffsets: readonly number[];
  /** Of each `sharedBuffer` field, one for each state. */
  readonly buffers: readonly (readonly SharedArrayBuffer[])[];
  /** In which order the states are walked. */
  readonly order: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  /** Counters of outcomes, for each thread that grades. */
  readonly cells: readonly SharedArrayBuffer[];
}

export interface MemoryPlan {
  readonly stride: number;
  readonly padding: 'packed' | 'lines';
  readonly threads: number;
  readonly graders: number;
  readonly cells: number;
}

export function trialMemory(
  layout: StateLayout,
  registers: Registers,
  plan: MemoryPlan,
): TrialMemory {
  const { stride } = plan;
  const align = plan.padding === 'lines' ? LINE_BYTES : layout.align;
  const step = roundUp(Math.max(layout.size, 1), align);
  const places = registerPlaces(registers, stride);
  return {
    stride,
    step,
    state: new SharedArrayBuffer(roundUp(step * stride, 8)),
    results: new SharedArrayBuffer(places.bytes),
    registerOffsets: places.offsets,
    buffers: layout.buffers.map(({ bytes }) =>
      Array.from({ length: stride }, () => new SharedArrayBuffer(bytes)),
    ),
    order: new SharedArrayBuffer(stride * Uint32Array.BYTES_PER_ELEMENT),
    control: new SharedArrayBuffer(controlWords(plan.threads) * Int32Array.BYTES_PER_ELEMENT),
    cells: Array.from(
      { length: plan.graders },
      () => new SharedArrayBuffer(plan.cells * Float64Array.BYTES_PER_ELEMENT),
    ),
  };
}

/** An array for each register: who writes one shares no cache line with who writes another. */
function registerPlaces(registers: Registers, stride: number) {
  let bytes = 0;
  const offsets = Object.values(registers).map((type) => {
    const at = bytes;
    bytes = roundUp(at + (stride << (valueSource(type)?.shift ?? 0)), LINE_BYTES);
    return at;
  });
  return { offsets, bytes };
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
