import { SysletsError } from '../errors.ts';
import { Loop, type Slot } from '../loop/index.ts';
import { AIO_MAX, EAGAIN, ECANCELED, EFAULT, EINTR, ESPIPE } from './constants.ts';
import { Descriptors } from './descriptor.ts';
import { notify } from './notify.ts';
import type { Operation } from './operation.ts';
import { link, Order } from './order.ts';
import type { Request, Runner } from './request.ts';
import { NO_NOTICE } from './sigevent.ts';
import { BUF, NBYTES, OFFSET } from './words.ts';

/** What requests use of a loop. */
export type EngineLoop = Pick<
  Loop,
  | 'ring'
  | 'closed'
  | 'pending'
  | 'take'
  | 'run'
  | 'waited'
  | 'reap'
  | 'wait'
  | 'interrupt'
  | 'asyncTurn'
>;

/** The requests of one thread, on the thread's loop: its kernel, its ring, its event side. */
export class Engine implements Runner {
  readonly loop: EngineLoop;
  readonly descriptors: Descriptors;
  /** Those that are not over, in the order of their submission. */
  readonly inFlight = new Set<Request>();
  maxRequests = AIO_MAX;
  readonly #order: Order;
  /** Those whose turn it is. */
  readonly #ready: Request[] = [];
  /** Slots whose calls are over, for the next ones. */
  readonly #slots: Slot[] = [];

  constructor(loop: EngineLoop) {
    this.loop = loop;
    this.descriptors = new Descriptors(loop);
    this.#order = new Order(this.descriptors);
  }

  /** Starts a request that was checked, or puts it behind those that it must not pass. */
  submit(request: Request, operation: Operation): void {
    if (this.inFlight.size >= this.maxRequests) {
      throw full(
        operation,
        `${this.maxRequests} requests are in flight, as many as aioInit allows`,
      );
    }
    if (this.#slots.length === 0) this.#reserve(operation);
    request.begin(operation, this);
    this.#startInOrder(request);
  }

  /** A slot for the request, or EAGAIN before it has begun. */
  #reserve(operation: Operation): void {
    const slot = this.#take();
    if (slot === undefined) throw full(operation, 'as many calls as sys allows are in flight');
    this.#slots.push(slot);
  }

  #startInOrder(request: Request): void {
    if (this.inFlight.size === 0 || !this.#order.mustWait(request, this.inFlight)) {
      this.#start(request);
      return;
    }
    request.state = 'waiting';
    this.#add(request);
  }

  /**
   * Makes its call. What the kernel says of it is the request's status also when it says so at
   * once: a program that handles one way of failing handles both.
   */
  #start(request: Request): void {
    const slot = this.#slots.pop() ?? this.#take();
    if (slot === undefined) this.#finish(request, -EAGAIN);
    else this.#run(request, slot);
  }

  #run(request: Request, slot: Slot): void {
    if (request.memoryInUse()?.lost) {
      this.over(request, -EFAULT, slot);
      return;
    }
    const { words } = request;
    const { call, streamCall } = request.operation as Operation;
    const { nr, traits } = request.stream ? streamCall : call;
    slot.begin(nr);
    slot.setInt(0, request.fd);
    slot.setParts(1, words[BUF] as number, words[BUF + 1] as number);
    slot.setParts(2, words[NBYTES] as number, words[NBYTES + 1] as number);
    slot.setParts(3, words[OFFSET] as number, words[OFFSET + 1] as number);
    slot.owner = request;
    slot.interrupted = false;
    slot.pin = request.memory?.view;
    slot.traits = traits;
    const result = this.loop.run(slot);
    if (slot.busy) this.#blocked(request, slot);
    else this.over(request, result, slot);
  }

  /** A further slot for one that waited; undefined if the loop has none left. */
  #take(): Slot | undefined {
    try {
      return this.loop.take();
    } catch (error) {
      if (error instanceof SysletsError) return undefined;
      throw error;
    }
  }

  /** Its call was handed over, or waits until it can be made. */
  #blocked(request: Request, slot: Slot): void {
    request.state = 'running';
    request.slot = slot;
    if (!request.entered) this.#add(request);
  }

  #add(request: Request): void {
    request.enter();
    this.inFlight.add(request);
    this.#order.add(request);
  }

  /** Its call is over, at once or after it blocked. */
  over(request: Request, result: number, slot: Slot): void {
    slot.pin = undefined;
    slot.owner = undefined;
    this.#slots.push(slot);
    if (result === -ESPIPE && !request.stream) this.#asStream(request);
    else if (result === -EINTR) this.#interrupted(request);
    else this.#finish(request, result);
  }

  /** One that was in flight has its place in the order. */
  #asStream(request: Request): void {
    request.stream = true;
    if (request.entered) this.#start(request);
    else this.#startInOrder(request);
  }

  /** Nothing was read or written. Only aio_cancel and the end of the loop end a request so. */
  #interrupted(request: Request): void {
    if (request.cancelling || this.loop.closed) this.#finish(request, -ECANCELED);
    else this.#start(request);
  }

  /** Ends one that waits for others; those behind it wait for these instead. */
  cancelWaiting(request: Request): void {
    const before = request.before?.filter((one) => one.entered) ?? [];
    for (const one of before) {
      one.behind = one.behind?.filter((other) => other !== request);
      for (const next of request.behind ?? []) link(one, next);
    }
    this.#finish(request, -ECANCELED);
  }

  /** Tells the program before it lets others go on: those end, and are told, after this one. */
  #finish(request: Request, result: number): void {
    const own = result >= 0 && request.inherited < 0 ? request.inherited : result;
    const { group, toTell } = request;
    request.end(own);
    request.group = undefined;
    request.toTell = NO_NOTICE;
    notify(toTell, this.loop);
    group?.ended(own, this.loop);
    if (request.entered) this.#leave(request, own);
  }

  /** Lets those go on that waited for it. */
  #leave(request: Request, result: number): void {
    const { behind } = request;
    this.inFlight.delete(request);
    this.#order.remove(request);
    request.entered = false;
    request.cancelling = false;
    request.inherited = 0;
    request.ahead = 0;
    request.before = undefined;
    request.behind = undefined;
    for (const next of behind ?? []) this.#oneLess(next, result);
  }

  #oneLess(next: Request, result: number): void {
    const failed = result < 0 && result !== -ECANCELED;
    if (failed && next.operation?.kind === 'sync') next.inherited = result;
    if (--next.ahead === 0) this.#goOn(next);
  }

  #turn(request: Request): void {
    if (this.loop.closed) this.#finish(request, -ECANCELED);
    else this.#start(request);
  }

  /** Not from inside of each other: a queue may be longer than the stack is deep. */
  #goOn(request: Request): void {
    const ready = this.#ready;
    if (ready.push(request) > 1) return;
    for (let i = 0; i < ready.length; i++) {
      const next = ready[i] as Request;
      if (next.state === 'waiting') this.#turn(next);
    }
    ready.length = 0;
  }
}

function full({ name }: Operation, what: string): SysletsError {
  return new SysletsError(name, -EAGAIN, `${what}: wait for some`);
}

let engineOfThread: Engine | undefined;

/** The engine of this thread's loop; a new one when that was closed. */
export function engine(): Engine {
  if (engineOfThread === undefined || engineOfThread.loop.closed) {
    engineOfThread = new Engine(Loop.current());
  }
  return engineOfThread;
}

/** Exported for tests: another engine for this thread, on a loop that they steer. */
export function useEngine(one: Engine | undefined): void {
  engineOfThread = one;
}
