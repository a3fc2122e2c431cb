import type { ExploredEnd } from '../report/explore-result.ts';
import type { DecisionTrees } from './decision-trees.ts';
import type { AccessPort } from './realm/direct-port.ts';

/** What is explored: memory, the actors' trees, and what an end is called. */
export interface Program {
  readonly name: string;
  readonly trees: DecisionTrees;
  readonly actors: readonly string[];
  /** The memory before the first access, after setup; a multiple of 8 bytes. */
  readonly memory: Uint8Array;
  /**
   * The outcome of an execution in which all actors have ended. An arbiter looks at memory through
   * the port, a fresh one for each of its runs; what the port throws comes through.
   */
  outcome(ends: Int32Array, memory: () => AccessPort): string;
  /** Where actors that wait for ever may be right: the outcome of that, or undefined. */
  stuckOutcome?(nodes: Int32Array): string | undefined;
}

/** How an execution ended. */
/** `failed` is of no program: only the kernel side has it. */
export type EndKind = ExploredEnd['kind'];

/** An end of executions, with what is known of it. */
export interface End {
  readonly kind: EndKind;
  /** The outcome's text, or who is stuck and where, or what was thrown. */
  readonly text: string;
}

/** Memory model of the machine that executes: one order, or store buffers as x86 has them. */
export type Machines = 'sc' | 'tso';
