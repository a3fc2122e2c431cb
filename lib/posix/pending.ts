import { setImmediate } from 'node:timers';
import { DetachedError, EFAULT, EINTR, isError } from '../errors.ts';
import { Loop, type Owner, type Slot } from '../loop/index.ts';
import type { CheckedOptions } from './call-types.ts';
import type { Definition } from './define.ts';
import { failed } from './failure.ts';
import { Interruption } from './interruption.ts';

/**
 * The promise of a call that did not end at once. Its methods have no # names, which would cost each of
 * these objects one more word.
 */
class Pending<R> implements Owner {
  interruption: Interruption | undefined;
  readonly #definition: Definition<readonly unknown[], R>;
  readonly #resolve: (value: R) => void;
  readonly #reject: (reason: unknown) => void;

  constructor(
    definition: Definition<readonly unknown[], R>,
    resolve: (value: R) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#definition = definition;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  complete(slot: Slot, result: number): void {
    this.interruption?.over();
    if (isError(result)) this.fail(this.errorOf(slot, result));
    else this.finish(slot, result);
  }

  /** A call that its program itself ends at once, by an abort or a close, is over without a turn. */
  private fail(error: Error): void {
    if (Loop.running?.asyncTurn?.isOver()) setImmediate(this.#reject, error);
    else this.#reject(error);
  }

  /** What a result is a view of may have been transferred meanwhile. */
  private finish(slot: Slot, result: number): void {
    try {
      this.#resolve(resultOf(this.#definition, slot, result));
    } catch (error) {
      this.#reject(error);
    }
  }

  private errorOf(slot: Slot, result: number): Error {
    const { name } = this.#definition;
    if (result === EFAULT && slot.lost) return transferred(name);
    if (result === EINTR && slot.interrupted) {
      return this.interruption?.reason(name) ?? closed(name);
    }
    return failed(slot, name, result);
  }
}

function transferred(name: string): TypeError {
  return new TypeError(
    `${name} was not made: its buffer was transferred while the call waited for its turn; ` +
      'transfer it when the call is over',
  );
}

function closed(name: string): DetachedError {
  return new DetachedError(`${name} was pending at sys.detach() or when its thread ended`);
}

/** What the call gives for its number. */
export function resultOf<R>(
  { result }: Definition<readonly unknown[], R>,
  slot: Slot,
  value: number,
): R {
  return result.finish === undefined ? (value as R) : result.finish(slot, value);
}

/** The promise of a slot's call, which is in flight or queued. */
export function promiseOf<R>(
  slot: Slot,
  definition: Definition<readonly unknown[], R>,
  options: CheckedOptions | undefined,
): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    const pending = new Pending(definition, resolve, reject);
    slot.owner = pending;
    if (options?.signal === undefined && options?.timeoutMs === undefined) return;
    pending.interruption = new Interruption(Loop.current(), slot, options);
    pending.interruption.start();
  });
}
