import { acceptable, forbidden, type OutcomeRow } from '../scenario/index.ts';

/** Which executions of a scenario are searched; without a bound all of them are. */
export interface Exploration {
  readonly model: KernelModel;
  /** Switches away from an actor that could have gone on. */
  readonly preemptions?: number;
  /** Stores that wait, beyond those that wait behind one. */
  readonly delays?: number;
}

/**
 * - `sc`: sequential consistency.
 * - `tso`: stores wait in a buffer; a locked instruction drains it, as on x86.
 * - `weak`: a read-modify-write waits in the buffer as well, and only a full fence drains it: what
 *   ARM and POWER add to row 13 of the defects.
 */
export type KernelModel = 'sc' | 'tso' | 'weak';

export const KERNEL_MODELS: readonly KernelModel[] = ['sc', 'tso', 'weak'];

/** A scenario of native/sim/scenarios, and what its outcomes mean. */
export interface KernelScenario {
  readonly name: string;
  readonly description: string;
  /** Names of an outcome's values, in their order. */
  readonly result: readonly string[];
  readonly outcomes: readonly OutcomeRow[];
  /** What `syslets explore` searches by default. */
  readonly explore: readonly Exploration[];
}

const EVERY_MODEL: readonly Exploration[] = [{ model: 'sc' }, { model: 'tso' }, { model: 'weak' }];
const NOTHING_ELSE = forbidden(/./, 'a completion is missing, doubled or wrong');

const ring = (name: string, description: string, outcomes: readonly OutcomeRow[]) =>
  ({
    name,
    description,
    result: ['first', 'second'],
    outcomes: [...outcomes, NOTHING_ELSE],
    explore: EVERY_MODEL,
  }) as const;

const ONE = [acceptable('42, 0', 'the completion was read')];
const BOTH = [acceptable('42, 42', 'both completions were read')];

const calls = (
  name: string,
  description: string,
  outcomes: readonly OutcomeRow[],
  bounds: Omit<Exploration, 'model'> = { preemptions: 3 },
): KernelScenario => ({
  name,
  description,
  result: ['returned', 'completed', 'refused'],
  outcomes: [
    ...outcomes,
    forbidden(/./, 'a call ended twice, never, or was refused without a reason'),
  ],
  explore: [
    { model: 'sc', ...bounds },
    { model: 'tso', preemptions: 2, delays: 1 },
    { model: 'weak', preemptions: 2, delays: 1 },
  ],
});

const RETURNED = (values: string) => acceptable(values, 'nobody saw them sleep in time');
const SOME = (values: string) => acceptable(values, 'some were handed over');
const HANDED = (values: string) => acceptable(values, 'handed over: the result came by the ring');

/** The scenarios of the kernel side, in the order in which they are shown. */
export const KERNEL_SCENARIOS: readonly KernelScenario[] = [
  ring('kernel/completion-and-wait', 'A completion against one that waits for it', ONE),
  ring('kernel/two-completers', 'Two completions against one that waits for both', BOTH),
  ring('kernel/wait-and-signal', 'A signal to one that waits is no completion', ONE),
  ring('kernel/wait-group-changes', 'The wait group changes while a completion is under way', ONE),
  ring('kernel/full-ring', 'A completer waits for room, and the reader makes it', BOTH),
  ring('kernel/reader-spins', 'A reader that spins finds whole completions', ONE),
  calls(
    'kernel/hand-over',
    'One call that sleeps, and detach',
    [RETURNED('1, 0, 0'), HANDED('0, 1, 0')],
    {},
  ),
  calls(
    'kernel/hand-over-two',
    'Two calls one after the other, a ring of one element, and detach',
    [RETURNED('2, 0, 0'), SOME('1, 1, 0'), HANDED('0, 2, 0')],
  ),
  calls(
    'kernel/hand-over-after-many',
    'Eight calls that return, and one that sleeps',
    [RETURNED('9, 0, 0'), SOME('8, 1, 0'), SOME('7, 2, 0'), SOME('6, 3, 0'), SOME('5, 4, 0')],
    { preemptions: 2 },
  ),
  calls(
    'kernel/hand-over-exit',
    'Two calls whose frame is exit',
    [RETURNED('2, 0, 0'), SOME('1, 1, 0'), HANDED('0, 2, 0')],
    { preemptions: 2 },
  ),
  calls(
    'kernel/two-in-flight',
    'Two calls in flight at once',
    [RETURNED('2, 0, 0'), SOME('1, 1, 0'), HANDED('0, 2, 0')],
    { preemptions: 2 },
  ),
  calls('kernel/wait-for-oneself', 'A call that ends only when its own context goes on', [
    HANDED('0, 1, 0'),
  ]),
  calls('kernel/detach-pending', 'Detach interrupts the call that is pending', [HANDED('0, 1, 0')]),
  calls('kernel/park', 'A watcher parks, and the call that comes then is handed over', [
    HANDED('0, 1, 0'),
  ]),
  calls(
    'kernel/park-blind',
    'A watcher parks, and now and then no event can be opened',
    [HANDED('0, 1, 0')],
    { preemptions: 2 },
  ),
  calls(
    'kernel/park-two',
    'Watchers park before, between and after two calls',
    [RETURNED('2, 0, 0'), SOME('1, 1, 0'), HANDED('0, 2, 0')],
    { preemptions: 2 },
  ),
  calls('kernel/park-detach', 'Detach ends a watcher that parks', [
    RETURNED('1, 0, 0'),
    HANDED('0, 1, 0'),
  ]),
  {
    ...calls('kernel/dispatch', 'One dispatched call, and detach', [HANDED('1')]),
    result: ['reaped'],
  },
  {
    ...calls('kernel/dispatch-two', 'Two dispatched calls, and detach', [HANDED('2')], {
      preemptions: 2,
    }),
    result: ['reaped'],
  },
  {
    ...calls('kernel/dispatch-interrupt', 'A dispatched call is interrupted, begun or not', [
      HANDED('1'),
    ]),
    result: ['reaped'],
  },
];

/** The scenarios with these names or in these groups; undefined for a name that is none. */
export function kernelScenario(name: string): KernelScenario | undefined {
  return KERNEL_SCENARIOS.find((one) => one.name === name);
}
