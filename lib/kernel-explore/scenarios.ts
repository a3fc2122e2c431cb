import { acceptable, forbidden, interesting, type OutcomeRow } from '../scenario/index.ts';

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
 *   ARM and POWER add to row 13 of the defects. A store may be made before all that wait.
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
  /** Where nobody can go on the outcome is `asleep`, and the table says what that means. */
  readonly mayHang?: boolean;
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

/** A result at an address, without a context that moves. */
const placed = (name: string, description: string): KernelScenario => ({
  name,
  description,
  result: ['status', 'data'],
  outcomes: [
    acceptable('42, 7', 'the status and what the call had written'),
    forbidden(/./, 'told too early, or never'),
  ],
  explore: EVERY_MODEL,
});

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

const RETURNED = (values: string) =>
  acceptable(values, 'the watcher did not see them sleep in time');
const SOME = (values: string) => acceptable(values, 'some were handed over');
const HANDED = (values: string) => acceptable(values, 'handed over: the result came by the ring');

/** The scenarios of the kernel side, in the order in which they are shown. */
export const KERNEL_SCENARIOS: readonly KernelScenario[] = [
  ring('kernel/completion-and-wait', 'A completion against one that waits for it', ONE),
  {
    ...ring('kernel/v7-completion-and-wait', "The same with v7's policy: row 13 of the defects", [
      ...ONE,
      interesting(/^asleep$/, 'the head is seen too late, and nobody wakes the waiter'),
    ]),
    mayHang: true,
  },
  ring('kernel/two-completers', 'Two completions against one that waits for both', BOTH),
  ring('kernel/wait-and-signal', 'A signal to one that waits is no completion', ONE),
  ring('kernel/wait-group-changes', 'The wait group changes while a completion is under way', ONE),
  ring('kernel/full-ring', 'A completer waits for room, and the reader makes it', BOTH),
  ring('kernel/ring-made-anew', 'Two calls and room for one, in memory that was a ring before', [
    acceptable('42, 0', 'the second was refused'),
    acceptable('0, 42', 'the first was refused'),
  ]),
  ring('kernel/reader-spins', 'A reader that spins finds whole completions', ONE),
  placed('kernel/place-and-wait', 'A result at an address against one that waits for it'),
  placed('kernel/place-by-status', 'A result at an address, told by its status alone'),
  calls('kernel/place-reused', 'Two calls whose results go to one address, one after the other', [
    RETURNED('2, 0, 0'),
    SOME('1, 1, 0'),
    acceptable('0, 2, 0', 'handed over: both results came by the address'),
  ]),
  calls('kernel/place-interrupted', 'An interrupted call, and another with its address', [
    acceptable('1, 1, 0', 'the second returned'),
    acceptable('0, 2, 0', 'the second was handed over too'),
  ]),
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
    { preemptions: 3 },
  ),
  calls(
    'kernel/hand-over-exit',
    'Two calls whose frame is exit',
    [RETURNED('2, 0, 0'), SOME('1, 1, 0'), HANDED('0, 2, 0')],
    { preemptions: 3 },
  ),
  calls(
    'kernel/two-in-flight',
    'Two calls in flight at once',
    [RETURNED('2, 0, 0'), SOME('1, 1, 0'), HANDED('0, 2, 0')],
    { preemptions: 3 },
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
    { preemptions: 3 },
  ),
  calls('kernel/park-two', 'Watchers park before, between and after two calls', [
    RETURNED('2, 0, 0'),
    SOME('1, 1, 0'),
    HANDED('0, 2, 0'),
  ]),
  calls(
    'kernel/park-reopens',
    'An event is opened again, by the carrier or by its watcher',
    [RETURNED('2, 0, 0'), SOME('1, 1, 0'), HANDED('0, 2, 0')],
    { preemptions: 3 },
  ),
  calls('kernel/park-detach', 'Detach ends a watcher that parks', [
    RETURNED('1, 0, 0'),
    HANDED('0, 1, 0'),
  ]),
  calls(
    'kernel/no-thread',
    'No thread can be made for a while; the guardian looks',
    [HANDED('0, 1, 0')],
    { preemptions: 3 },
  ),
  calls(
    'kernel/no-memory',
    'No stack can be had for a while; the guardian looks',
    [HANDED('0, 1, 0')],
    { preemptions: 3 },
  ),
  calls(
    'kernel/watcher-away',
    'A watcher is kept off the processors; the guardian sees it',
    [RETURNED('1, 0, 0'), HANDED('0, 1, 0')],
    { preemptions: 1 },
  ),
  calls(
    'kernel/spare-task',
    'The spare task of attach watches where no thread can be made',
    [HANDED('0, 1, 0')],
    { preemptions: 3 },
  ),
  calls(
    'kernel/unfit-watcher',
    'A watcher lacks credentials: the carrier is nudged and makes another',
    [HANDED('0, 1, 0')],
    { preemptions: 3 },
  ),
  calls(
    'kernel/unfit-no-successor',
    'A watcher lacks credentials, and once no other can be made',
    [HANDED('0, 1, 0')],
    { preemptions: 3 },
  ),
  calls('kernel/setuid-goes-on', 'A setuid goes on while the watcher takes over', [
    HANDED('0, 1, 0'),
  ]),
  calls(
    'kernel/attributes-behind',
    "A watcher may not have the carrier's priority",
    [HANDED('0, 1, 0')],
    { preemptions: 3 },
  ),
  calls('kernel/unfit-home', 'The birth thread lacks credentials when its context comes home', [
    HANDED('0, 1, 0'),
  ]),
  calls('kernel/unsettled-watcher', 'A setuid has reached the watcher, and not yet the carrier', [
    HANDED('0, 1, 0'),
  ]),
  calls('kernel/unsettled-home', 'A setuid goes on while the context comes home', [
    HANDED('0, 1, 0'),
  ]),
  {
    ...calls('kernel/frame-function', "A frame's function runs, or may not", [
      RETURNED('1, 0, 0, 0'),
      acceptable('0, 1, 0, 1', 'handed over, and the function ran'),
      acceptable('0, 1, 0, 0', 'handed over; its task might not run user code, and parked'),
    ]),
    result: ['returned', 'completed', 'refused', 'ran'],
  },
  calls(
    'kernel/signals',
    'A signal ends a sleep or a call of any task: the call is made again',
    [RETURNED('1, 0, 0'), HANDED('0, 1, 0')],
    { preemptions: 3 },
  ),
  calls('kernel/detach-unused', 'Attach makes a spare task, and detach ends it at once', [
    acceptable('0, 0, 0', 'no call was made'),
  ]),
  calls('kernel/detach-watched', 'Detach while a watcher is born, looks, or takes over', [
    RETURNED('1, 0, 0'),
    HANDED('0, 1, 0'),
  ]),
  calls('kernel/detach-dispatched', 'Detach ends a dispatched call, begun or not', [
    HANDED('0, 1, 0'),
  ]),
  calls(
    'kernel/detach-both',
    'Detach with one call handed over and one dispatched',
    [HANDED('0, 2, 0')],
    { preemptions: 3 },
  ),
  calls('kernel/detach-again', 'Detach, attach and detach again, each with a call pending', [
    HANDED('0, 2, 0'),
  ]),
  {
    ...calls('kernel/dispatch', 'One dispatched call, and detach', [HANDED('1')]),
    result: ['reaped'],
  },
  {
    ...calls('kernel/dispatch-two', 'Two dispatched calls, and detach', [HANDED('2')], {
      preemptions: 3,
    }),
    result: ['reaped'],
  },
  {
    ...calls('kernel/dispatch-interrupt', 'A dispatched call is interrupted, begun or not', [
      HANDED('1'),
    ]),
    result: ['reaped'],
  },
  {
    ...calls(
      'kernel/dispatch-unfit',
      'A task that was given a call lacks credentials',
      [
        acceptable('2, 0', 'each task could make its call'),
        acceptable('2, 1', 'one could not: its call ended with EAGAIN'),
      ],
      { preemptions: 3 },
    ),
    result: ['reaped', 'refused'],
  },
  {
    ...calls('kernel/dispatch-unsettled', 'A setuid goes on while a dispatched call begins', [
      HANDED('1'),
    ]),
    result: ['reaped'],
  },
  {
    ...calls(
      'kernel/unsettled-interrupt',
      'A dispatched call is interrupted while it waits for a setuid',
      [HANDED('1')],
    ),
    result: ['reaped'],
  },
];

/** The scenarios with these names or in these groups; undefined for a name that is none. */
export function kernelScenario(name: string): KernelScenario | undefined {
  return KERNEL_SCENARIOS.find((one) => one.name === name);
}
