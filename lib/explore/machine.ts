import { Answer, Kind, Op } from './access.ts';
import type { DecisionTrees } from './decision-trees.ts';
import { modified } from './modify.ts';
import type { End, Machines, Program } from './program.ts';
import type { SpinLoop } from './spin-loops.ts';
import { StoreBuffers } from './store-buffers.ts';
import { endOf } from './verdict.ts';
import { WaitLists } from './wait-lists.ts';

/** The kinds of a step. A step is a number: kind, then actor, then the waiter of an async limit. */
export const Step = { access: 0, limit: 1, flush: 2, asyncLimit: 3 } as const;
export const stepKind = (step: number): number => step & 3;
export const stepActor = (step: number): number => (step >> 2) & 15;
export const stepWaiter = (step: number): number => step >> 6;

export const stepOf = (kind: number, actor: number, waiter = 0): number =>
  kind | (actor << 2) | (waiter << 6);

/** An actor that cannot go on: it sleeps in a wait; a number above 0 is the loop that it rests in. */
const ASLEEP = -1;

/** Runs steps of actors on memory, one at a time. All of a state can be saved and taken up again. */
export class Machine {
  readonly program: Program;
  readonly trees: DecisionTrees;
  readonly count: number;
  /** Where each actor is in its tree. */
  readonly node: Int32Array;
  readonly blocked: Int32Array;
  readonly bytes: Uint8Array;
  readonly lists: WaitLists;
  readonly buffers: StoreBuffers;
  readonly hasBuffers: boolean;
  /** Result of the last access, and whether it changed anything that others see. */
  lo = 0;
  hi = 0;
  /** The result of the last access, and whether it wrote: for records. */
  readonly result = { lo: 0, hi: 0 };
  hasWritten = false;
  /** Actors that the last step let go on: bits by their numbers. */
  woken = 0;
  readonly #words: Int32Array;
  readonly #initial: Int32Array;
  /** Words that any execution has written, in the order of the first time. */
  readonly #touched: number[] = [];
  readonly #isTouched: Uint8Array;
  readonly #roots: Int32Array;

  constructor(program: Program, machines: Machines = 'sc') {
    this.program = program;
    this.trees = program.trees;
    this.count = program.actors.length;
    this.hasBuffers = machines === 'tso';
    this.node = new Int32Array(this.count);
    this.blocked = new Int32Array(this.count);
    this.bytes = program.memory.slice();
    this.#words = new Int32Array(this.bytes.buffer);
    this.#initial = this.#words.slice();
    this.#isTouched = new Uint8Array(this.#words.length);
    this.lists = new WaitLists(this.count);
    this.buffers = new StoreBuffers(this.trees, this.count);
    this.#roots = Int32Array.from(program.actors, (_, actor) => this.trees.root(actor));
    this.reset();
  }

  /** The state before the first step. */
  reset(): void {
    for (const word of this.#touched) this.#words[word] = this.#initial[word] as number;
    this.blocked.fill(0);
    this.lists.clear();
    if (this.hasBuffers) this.buffers.clear();
    for (let actor = 0; actor < this.count; actor++) {
      this.node[actor] = this.#roots[actor] as number;
      this.#settle(actor);
    }
  }

  isDone(actor: number): boolean {
    return (this.trees.kind[this.node[actor] as number] as number) >= Kind.end;
  }

  /** Whether the actor's next access can be made now. */
  canStep(actor: number): boolean {
    if (this.blocked[actor] !== 0) return false;
    const kind = this.trees.kind[this.node[actor] as number] as number;
    if (kind >= Kind.park) return false;
    return !this.hasBuffers || !this.#needsEmptyBuffer(actor, kind) || this.buffers.isEmpty(actor);
  }

  /** All steps that are possible, into `into`; how many there are. The order is always the same. */
  steps(into: Int32Array): number {
    let count = 0;
    for (let actor = 0; actor < this.count; actor++) {
      if (this.canStep(actor)) into[count++] = stepOf(Step.access, actor);
      if (this.blocked[actor] === ASLEEP && this.#isLimited(actor)) {
        into[count++] = stepOf(Step.limit, actor);
      }
      if (this.hasBuffers && !this.buffers.isEmpty(actor)) {
        into[count++] = stepOf(Step.flush, actor);
      }
    }
    return this.lists.count === 0 ? count : this.#asyncLimits(into, count);
  }

  #isLimited(actor: number): boolean {
    return this.trees.isLimited[this.node[actor] as number] === 1;
  }

  #asyncLimits(into: Int32Array, from: number): number {
    let count = from;
    this.lists.eachLimitedAsync((actor, waiter) => {
      if (!this.isDone(actor)) into[count++] = stepOf(Step.asyncLimit, actor, waiter);
    });
    return count;
  }

  /** Makes a step that `steps` gave. */
  make(step: number): void {
    const actor = stepActor(step);
    this.woken = 0;
    switch (stepKind(step)) {
      case Step.access:
        this.#access(actor);
        break;
      case Step.limit:
        this.lists.remove(actor, -1);
        this.blocked[actor] = 0;
        this.#go(actor, Answer.timedOut, 0);
        break;
      case Step.flush:
        this.#flush(actor);
        break;
      default:
        this.lists.remove(actor, stepWaiter(step));
        this.lists.keep(actor, stepWaiter(step), Answer.timedOut);
        this.#settle(actor);
    }
  }

  #access(actor: number): void {
    const { trees } = this;
    this.hasWritten = false;
    const node = this.node[actor] as number;
    switch (trees.kind[node]) {
      case Kind.load:
        this.#read(actor, node);
        this.#go(actor, this.lo, this.hi);
        break;
      case Kind.store:
        if (this.hasBuffers && trees.isSeqCst[node] === 0) this.buffers.push(actor, node);
        else this.#store(actor, node);
        this.#go(actor, 0, 0);
        break;
      case Kind.modify:
        this.#modify(actor, node);
        break;
      case Kind.notify:
        this.#notify(actor, node);
        break;
      default:
        this.#wait(actor, node);
    }
  }

  /** The bytes that a load sees, into lo and hi: of the actor's own buffer first. */
  #read(actor: number, node: number): void {
    const address = this.trees.address[node] as number;
    const size = this.trees.size[node] as number;
    this.#readMemory(address, size);
    if (this.hasBuffers && !this.buffers.isEmpty(actor)) {
      this.buffers.forward(actor, address, size, this);
    }
  }

  #readMemory(address: number, size: number): void {
    if (size === 4 && (address & 3) === 0) {
      this.lo = this.#words[address >> 2] as number;
      this.hi = 0;
      return;
    }
    let [lo, hi] = [0, 0];
    for (let at = 0; at < size; at++) {
      const byte = this.bytes[address + at] as number;
      if (at < 4) lo |= byte << (at * 8);
      else hi |= byte << ((at - 4) * 8);
    }
    this.lo = lo;
    this.hi = hi;
  }

  /** A store's node: it writes to memory. */
  #store(actor: number, node: number): void {
    const { trees } = this;
    this.#write(
      actor,
      trees.address[node] as number,
      trees.size[node] as number,
      trees.lo[node] as number,
      trees.hi[node] as number,
    );
  }

  #write(actor: number, address: number, size: number, lo: number, hi: number): void {
    const first = address >> 2;
    this.hasWritten = true;
    if (size === 4 && (address & 3) === 0) {
      if (this.#isTouched[first] === 0) this.#touch(first);
      this.#words[first] = lo;
    } else {
      const last = (address + size - 1) >> 2;
      for (let word = first; word <= last; word++)
        if (this.#isTouched[word] === 0) this.#touch(word);
      for (let at = 0; at < size; at++) {
        this.bytes[address + at] = at < 4 ? lo >>> (at * 8) : hi >>> ((at - 4) * 8);
      }
    }
    this.#wakeResting(actor, address, size);
  }

  #touch(word: number): void {
    this.#isTouched[word] = 1;
    this.#touched.push(word);
  }

  /** A write ends the rest of those who look at these bytes in a loop. */
  #wakeResting(actor: number, address: number, size: number): void {
    if (this.trees.spins.length === 1) return;
    for (let other = 0; other < this.count; other++) {
      const spin = this.blocked[other] as number;
      if (spin <= 0 || other === actor) continue;
      if (!this.trees.looksAt(spin, address, size)) continue;
      this.blocked[other] = 0;
      this.woken |= 1 << other;
    }
  }

  #modify(actor: number, node: number): void {
    const { trees } = this;
    const address = trees.address[node] as number;
    const size = trees.size[node] as number;
    this.#readMemory(address, size);
    const { lo, hi } = this;
    const isRefused =
      trees.op[node] === Op.compareExchange &&
      (lo !== trees.expectedLo[node] || hi !== trees.expectedHi[node]);
    if (!isRefused) {
      modified(
        trees.op[node] as number,
        size,
        lo,
        hi,
        trees.lo[node] as number,
        trees.hi[node] as number,
        scratch,
      );
      this.#write(actor, address, size, scratch.lo, scratch.hi);
    }
    this.#go(actor, lo, hi);
  }

  #wait(actor: number, node: number): void {
    const { trees } = this;
    this.#readMemory(trees.address[node] as number, trees.size[node] as number);
    const isAsync = trees.kind[node] === Kind.waitAsync;
    if (this.lo !== trees.expectedLo[node] || this.hi !== trees.expectedHi[node]) {
      this.#go(actor, Answer.notEqual, 0);
    } else if (isAsync) {
      this.lists.add(
        actor,
        this.lists.nextWaiter(actor),
        trees.address[node] as number,
        trees.isLimited[node] as number,
      );
      this.#go(actor, Answer.pending, 0);
    } else {
      this.lists.add(actor, -1, trees.address[node] as number, 0);
      this.blocked[actor] = ASLEEP;
    }
  }

  #notify(actor: number, node: number): void {
    const address = this.trees.address[node] as number;
    const most = this.trees.lo[node] as number;
    let told = 0;
    while (told !== most && this.lists.takeFirst(address)) {
      told += 1;
      const { actor: other, waiter } = this.lists.taken;
      this.woken |= 1 << other;
      if (waiter < 0) {
        this.blocked[other] = 0;
        this.#go(other, Answer.ok, 0);
      } else {
        this.lists.keep(other, waiter, Answer.ok);
        this.#settle(other);
      }
    }
    this.#wakeSleepy(actor, address);
    this.#go(actor, told, 0);
  }

  /** A loop that waits with a limit may be asleep in its next round when a notify comes. */
  #wakeSleepy(actor: number, address: number): void {
    for (let other = 0; other < this.count; other++) {
      const spin = this.blocked[other] as number;
      if (spin <= 0 || other === actor || !this.trees.waitsAt(spin, address)) continue;
      this.blocked[other] = 0;
      this.woken |= 1 << other;
    }
  }

  #flush(actor: number): void {
    this.#store(actor, this.buffers.shift(actor));
  }

  /** The actor has a result: to the node behind it. */
  #go(actor: number, lo: number, hi: number): void {
    this.result.lo = lo;
    this.result.hi = hi;
    const edge = this.trees.edge(this.node[actor] as number, lo, hi);
    this.node[actor] = this.trees.edgeTo[edge] as number;
    const spin = this.trees.edgeRests[edge] as number;
    this.blocked[actor] = spin !== 0 && this.#isUnchanged(actor, spin) ? spin : 0;
    this.#settle(actor);
  }

  /** Whether another round would have the same results: none of what it saw has changed since. */
  #isUnchanged(actor: number, spin: number): boolean {
    const { trees } = this;
    const { nodes, edges } = trees.spins[spin] as SpinLoop;
    const { lo, hi } = this;
    let isSame = true;
    for (let index = 0; index < nodes.length && isSame; index++) {
      isSame = this.#seesAgain(actor, nodes[index] as number, edges[index] as number);
    }
    this.lo = lo;
    this.hi = hi;
    return isSame;
  }

  #seesAgain(actor: number, node: number, edge: number): boolean {
    const { trees } = this;
    if (trees.kind[node] === Kind.notify) {
      return !this.lists.hasWaiter(trees.address[node] as number);
    }
    this.#read(actor, node);
    if (trees.kind[node] !== Kind.wait) {
      return this.lo === trees.edgeLo[edge] && this.hi === trees.edgeHi[edge];
    }
    const isExpected = this.lo === trees.expectedLo[node] && this.hi === trees.expectedHi[node];
    return isExpected === (trees.edgeLo[edge] !== Answer.notEqual);
  }

  /** An async actor with nothing to do takes what has been kept for it. */
  #settle(actor: number): void {
    while (
      this.trees.kind[this.node[actor] as number] === Kind.park &&
      this.lists.takeKept(actor)
    ) {
      const { waiter, answer } = this.lists.taken;
      this.node[actor] = this.trees.next(this.node[actor] as number, waiter, answer);
    }
  }

  /** Locked operations and waits write through: the buffer is empty before them. Loads do not. */
  #needsEmptyBuffer(actor: number, kind: number): boolean {
    if (kind === Kind.load) return false;
    return kind !== Kind.store || this.trees.isSeqCst[this.node[actor] as number] === 1;
  }

  /** What kind of end this is; call it where there is no step. */
  end(): End {
    return endOf(this);
  }

  /** The whole state as numbers; the same state gives the same numbers. Returns how many. */
  save(into: Int32Array): number {
    const { count } = this;
    for (let actor = 0; actor < count; actor++) {
      into[actor] = this.node[actor] as number;
      into[count + actor] = this.blocked[actor] as number;
    }
    let at = 2 * count + 1;
    for (let index = 0; index < this.#touched.length; index++) {
      const word = this.#touched[index] as number;
      const value = this.#words[word] as number;
      if (value === this.#initial[word]) continue;
      into[at++] = word;
      into[at++] = value;
    }
    into[2 * count] = at;
    at = this.lists.save(into, at);
    return this.hasBuffers ? this.buffers.save(into, at) : at;
  }

  /** Takes up a state that was saved at `from`. */
  load(saved: Int32Array, from: number): void {
    const { count } = this;
    for (let actor = 0; actor < count; actor++) {
      this.node[actor] = saved[from + actor] as number;
      this.blocked[actor] = saved[from + count + actor] as number;
    }
    for (let index = 0; index < this.#touched.length; index++) {
      const word = this.#touched[index] as number;
      this.#words[word] = this.#initial[word] as number;
    }
    const end = from + (saved[from + 2 * count] as number);
    let at = from + 2 * count + 1;
    for (; at < end; at += 2) this.#words[saved[at] as number] = saved[at + 1] as number;
    at = this.lists.load(saved, at);
    if (this.hasBuffers) this.buffers.load(saved, at, this.node);
  }

  /** Numbers that a state has at most. */
  get stateLimit(): number {
    return 2 * this.count + 1 + 2 * this.#words.length + this.lists.limit + this.buffers.limit;
  }
}

const scratch = { lo: 0, hi: 0 };
