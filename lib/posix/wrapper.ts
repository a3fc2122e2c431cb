import { shown } from '../check.ts';
import { isError } from '../errors.ts';
import { ASYNC_YIELD_MS, afterTurn, Loop, type Slot, Turn } from '../loop/index.ts';
import { checkOptions } from './call-options.ts';
import type { Encoder, MaybePromise, PosixCall, SysOptions } from './call-types.ts';
import type { Definition } from './define.ts';
import { AbortError, failed } from './failure.ts';
import { promiseOf, resultOf } from './pending.ts';

type Any<R> = Definition<readonly unknown[], R>;

/** The three forms of a call. */
export function wrapper<A extends readonly unknown[], R>(
  definition: Definition<A, R>,
): PosixCall<A, R> {
  const call = direct(definition as unknown as Any<R>);
  const forms = {
    sync: (...args: unknown[]) => runSync(definition as unknown as Any<R>, args),
    async: (...args: unknown[]) => promised(() => call(...args)),
  };
  Object.defineProperty(call, 'name', { value: definition.name });
  return Object.freeze(Object.assign(call, forms)) as unknown as PosixCall<A, R>;
}

/** A promise in any case; that of a pending call itself. */
export function promised<R>(run: () => MaybePromise<R>): Promise<R> {
  let result: MaybePromise<R>;
  try {
    result = run();
  } catch (error) {
    return settled<R>(() => {
      throw error;
    });
  }
  return result instanceof Promise ? result : settled(() => result);
}

/** Where this thread cannot be attached there is no loop: each call is refused at once. */
const unattached = new Turn(ASYNC_YIELD_MS);

/** A call that ended at once; the event loop turns first if JavaScript has run for too long. */
function settled<R>(end: () => R): Promise<R> {
  const turn = Loop.running === undefined ? unattached : Loop.running.asyncTurn;
  if (turn?.isOver()) return afterTurn(end);
  return new Promise((resolve) => resolve(end()));
}

type Direct<R> = (...args: unknown[]) => MaybePromise<R>;

/** A function for each number of parameters: no array of arguments is made. */
function direct<R>(definition: Any<R>): Direct<R> {
  const { nr, encoders, prepare } = definition;
  const [e0, e1, e2, e3] = encoders as [Encoder, Encoder, Encoder, Encoder];
  switch (encoders.length) {
    case 1:
      return (a, options, more) => {
        if (more !== undefined) throw tooMany(definition, more);
        const loop = Loop.current();
        const slot = loop.next().begin(nr);
        try {
          prepare?.(slot);
          e0(slot, a);
          return execute(loop, slot, definition, options as SysOptions);
        } finally {
          loop.done(slot);
        }
      };
    case 2:
      return (a, b, options, more) => {
        if (more !== undefined) throw tooMany(definition, more);
        const loop = Loop.current();
        const slot = loop.next().begin(nr);
        try {
          prepare?.(slot);
          e0(slot, a);
          e1(slot, b);
          return execute(loop, slot, definition, options as SysOptions);
        } finally {
          loop.done(slot);
        }
      };
    case 3:
      return (a, b, c, options, more) => {
        if (more !== undefined) throw tooMany(definition, more);
        const loop = Loop.current();
        const slot = loop.next().begin(nr);
        try {
          prepare?.(slot);
          e0(slot, a);
          e1(slot, b);
          e2(slot, c);
          return execute(loop, slot, definition, options as SysOptions);
        } finally {
          loop.done(slot);
        }
      };
    case 4:
      return (a, b, c, d, options, more) => {
        if (more !== undefined) throw tooMany(definition, more);
        const loop = Loop.current();
        const slot = loop.next().begin(nr);
        try {
          prepare?.(slot);
          e0(slot, a);
          e1(slot, b);
          e2(slot, c);
          e3(slot, d);
          return execute(loop, slot, definition, options as SysOptions);
        } finally {
          loop.done(slot);
        }
      };
    default:
      return (...args) => {
        const more = args[encoders.length + 1];
        if (more !== undefined) throw tooMany(definition, more);
        const loop = Loop.current();
        const slot = loop.next().begin(nr);
        try {
          prepare?.(slot);
          for (const [i, encode] of encoders.entries()) encode(slot, args[i]);
          return execute(loop, slot, definition, args[encoders.length] as SysOptions);
        } finally {
          loop.done(slot);
        }
      };
  }
}

function tooMany({ name, params }: Any<unknown>, more: unknown): TypeError {
  const { length } = params;
  return new TypeError(
    `${name} takes (${[...params, 'options'].join(', ')}): argument ${length + 2} is ${shown(more)}`,
  );
}

function tooManyForSync({ name, params }: Any<unknown>, more: unknown): TypeError {
  const { length } = params;
  return new TypeError(
    `${name}.sync takes (${params.join(', ')}), and no options: argument ${length + 1} is ${shown(more)}`,
  );
}

/** Runs the slot's call, whose arguments are stored. */
export function execute<R>(
  loop: Loop,
  slot: Slot,
  definition: Any<R>,
  options: SysOptions | undefined,
): MaybePromise<R> {
  if (options !== undefined) return runWith(loop, slot, definition, options);
  slot.traits = definition;
  const result = loop.run(slot);
  return slot.state === 'next'
    ? endedAtOnce(loop, slot, definition, result)
    : promiseOf(slot, definition, undefined);
}

function endedAtOnce<R>(loop: Loop, slot: Slot, definition: Any<R>, result: number) {
  if (isError(result)) return failedAtOnce<R>(loop, slot, definition, result);
  if (!loop.directTurn?.isOver()) return resultOf(definition, slot, result);
  return afterTurn(() => resultOf(definition, slot, result));
}

/**
 * Who repeats a call that waits until it has no error, as one that accepts connections does without a
 * descriptor, would let nothing else run: so that yields as if it had blocked.
 */
function failedAtOnce<R>(loop: Loop, slot: Slot, definition: Any<R>, result: number): Promise<R> {
  const error = failed(slot, definition.name, result);
  const waits = definition.waits || definition.hint?.events;
  if (!(waits ? loop.asyncTurn : loop.directTurn)?.isOver()) throw error;
  return afterTurn<R>(() => {
    throw error;
  });
}

function ended<R>(slot: Slot, definition: Any<R>, result: number): R {
  if (isError(result)) throw failed(slot, definition.name, result);
  return resultOf(definition, slot, result);
}

function runWith<R>(
  loop: Loop,
  slot: Slot,
  definition: Any<R>,
  given: SysOptions,
): MaybePromise<R> {
  const options = checkOptions(given);
  const { signal } = options;
  if (signal?.aborted) {
    return settled<R>(() => {
      throw new AbortError(definition.name, signal);
    });
  }
  slot.unref = options.unref === true;
  slot.site = options.site;
  slot.traits = definition;
  const result = loop.run(slot);
  if (slot.state !== 'next') return promiseOf(slot, definition, options);
  slot.unref = false;
  slot.site = undefined;
  return endedAtOnce(loop, slot, definition, result);
}

/** Waits until the call is over, whether it is handed over meanwhile or not. */
function runSync<R>(definition: Any<R>, args: readonly unknown[]): R {
  const more = args[definition.encoders.length];
  if (more !== undefined) throw tooManyForSync(definition, more);
  const loop = Loop.current();
  const slot = loop.waited.take().begin(definition.nr);
  try {
    definition.prepare?.(slot);
    for (const [i, encode] of definition.encoders.entries()) encode(slot, args[i]);
    return executeSync(loop, slot, definition);
  } finally {
    loop.waited.give(slot);
  }
}

export function executeSync<R>(loop: Loop, slot: Slot, definition: Any<R>): R {
  return ended(slot, definition, loop.waited.run(slot));
}
