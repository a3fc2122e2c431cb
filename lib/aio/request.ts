import { SysletsError } from '../errors.ts';
import type { Owner, Slot } from '../loop/index.ts';
import { EINPROGRESS, SIGEV_NONE } from './constants.ts';
import type { EngineLoop } from './engine.ts';
import type { ListGroup } from './list-group.ts';
import type { RequestMemory } from './memory.ts';
import type { Operation } from './operation.ts';
import { boundNotice, NO_NOTICE, type Notice, type Sigval } from './sigevent.ts';
import {
  ERROR_CODE,
  FILDES,
  RETURN_VALUE,
  SIGEV_NOTIFY,
  SIGEV_SIGNO,
  SIGEV_VALUE,
} from './words.ts';

/**
 * idle: never submitted, or its status was retrieved. waiting: for others that it must not pass.
 * running: its call is being made. done: aio_return may be called.
 */
export type State = 'idle' | 'waiting' | 'running' | 'done';

/** Who goes on when a request's call is over. */
export interface Runner {
  readonly loop: EngineLoop;
  over(request: Request, result: number, slot: Slot): void;
}

/** What we keep of a control block beside its bytes. */
export class Request implements Owner {
  readonly words: Int32Array;
  memory: RequestMemory | undefined;
  callback: ((value: Sigval) => void) | undefined;
  state: State = 'idle';
  operation: Operation | undefined;
  runner: Runner | undefined;
  /** How its end is told, as it was when the request was submitted. */
  toTell: Notice = NO_NOTICE;
  fd = -1;
  /** Its call while that is in flight. */
  slot: Slot | undefined;
  /** The descriptor cannot seek: the call that takes an offset has said so. */
  stream = false;
  /** It is in the engine's list of those in flight. */
  entered = false;
  /** aio_cancel wants it to end: EINTR does, and does not start it anew. */
  cancelling = false;
  group: ListGroup | undefined;
  /** Which file its descriptor named when it was put in flight. */
  file: string | undefined;
  /** How many must be over before it may start, and who; who waits for it. */
  ahead = 0;
  before: Request[] | undefined;
  behind: Request[] | undefined;
  /** Of aio_fsync: the result of one that it waited for and that failed. */
  inherited = 0;

  constructor(words: Int32Array) {
    this.words = words;
  }

  get inFlight(): boolean {
    return this.state === 'running' || this.state === 'waiting';
  }

  /** The memory whose address aio_buf holds; undefined where it holds another one. */
  memoryInUse(): RequestMemory | undefined {
    return this.memory?.isIn(this.words) ? this.memory : undefined;
  }

  notice(): Notice {
    const { words } = this;
    return {
      notify: words[SIGEV_NOTIFY] as number,
      signo: words[SIGEV_SIGNO] as number,
      low: words[SIGEV_VALUE] as number,
      high: words[SIGEV_VALUE + 1] as number,
      callback: this.callback,
    };
  }

  /** Throws if it is in flight: it has room for one result. */
  checkFree(name: string): void {
    if (!this.inFlight) return;
    const what = 'this aiocb is in flight: take another one, or wait until it is over';
    throw new SysletsError(name, -EINPROGRESS, what);
  }

  /** Puts it into the state of one that was just submitted. */
  begin(operation: Operation, runner: Runner): void {
    const { words } = this;
    this.operation = operation;
    this.runner = runner;
    this.fd = words[FILDES] as number;
    this.state = 'running';
    this.stream = false;
    this.toTell = words[SIGEV_NOTIFY] === SIGEV_NONE ? NO_NOTICE : boundNotice(this.notice());
  }

  /** It is not over at once. Until here nobody can have known that it began. */
  enter(): void {
    this.entered = true;
    Atomics.store(this.words, ERROR_CODE, EINPROGRESS);
  }

  /** Called by the loop when its call is over that was not at once. */
  complete(slot: Slot, result: number): void {
    this.slot = undefined;
    this.runner?.over(this, result, slot);
  }

  /**
   * Stores how it ended. The return value before the error code: who saw it in progress and sees
   * that it is over sees what came of it. Pairs with the acquire load of __error_code of a program
   * that shares the memory.
   */
  end(result: number): void {
    const { words } = this;
    const value = result < 0 ? -1 : result;
    words[RETURN_VALUE] = value | 0;
    words[RETURN_VALUE + 1] = (value | 0) === value ? value >> 31 : Math.floor(value / 2 ** 32);
    this.state = 'done';
    if (this.entered) Atomics.store(words, ERROR_CODE, result < 0 ? -result : 0);
    else words[ERROR_CODE] = result < 0 ? -result : 0;
  }
}
