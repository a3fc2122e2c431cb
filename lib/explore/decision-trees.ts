import { type Access, Kind, type RegisterValues } from './access.ts';
import { callSite } from './call-site.ts';
import { Port, type Script } from './port.ts';
import { back, repeatedPeriod, type SpinLoop, staysIn } from './spin-loops.ts';
import { TreeArrays } from './tree-arrays.ts';

/** How a run of an actor came to its end. */
export interface Ended {
  /** What it threw, if it threw. */
  readonly threw?: string;
  /** It was cut off while the machine had no processor for it, and says nothing. */
  readonly isStarved?: boolean;
}

/** Runs one actor from its beginning against a port. */
export interface ActorRunner {
  readonly name: string;
  run(port: Port): Ended;
}

const RUN_ON = 20_000;

interface TreeLimits {
  readonly maxSteps?: number | undefined;
  readonly maxNodes?: number | undefined;
  /** A loop that has not ended after so many more accesses is taken for one that waits. */
  readonly runOn?: number | undefined;
}

/** Each new access runs its actor from the beginning: so many take a second or two. */
export const DEFAULT_MAX_STEPS = 10_000;

/**
 * The decision trees of all actors, in one set of arrays. A node is the results that an actor has
 * had so far, and says what it does next; an edge is one result of that. A node is made once, by a
 * run of the actor; after that exploration walks numbers. Node 0 is none, edge 0 is none.
 */
export class DecisionTrees extends TreeArrays {
  /** Loops that were folded; number 0 is none. */
  readonly spins: (SpinLoop | undefined)[] = [undefined];
  readonly actors: readonly ActorRunner[];
  /** Accesses that an actor may make in one execution; it is left at the next. */
  readonly maxSteps: number;
  /** How often an actor's code ran. */
  runs = 0;
  readonly #access: (Access | undefined)[] = [undefined];
  readonly #actorOf: number[] = [0];
  readonly #parent: number[] = [0];
  readonly #parentEdge: number[] = [0];
  readonly #depth: number[] = [0];
  readonly #storeBefore: number[] = [0];
  /** Nodes of a loop that was seen to end by itself are not tried again. */
  readonly #isBounded: boolean[] = [false];
  readonly #registers = new Map<number, RegisterValues>();
  readonly #thrown = new Map<number, string>();
  readonly #sites = new Map<number, string>();
  readonly #roots: number[] = [];
  readonly #runOn: number;

  constructor(
    actors: readonly ActorRunner[],
    { maxSteps = DEFAULT_MAX_STEPS, maxNodes = 4_000_000, runOn = RUN_ON }: TreeLimits = {},
  ) {
    super(maxNodes);
    this.#runOn = runOn;
    this.actors = actors;
    this.maxSteps = maxSteps;
  }

  /** Where actor number `actor` begins. */
  root(actor: number): number {
    const known = this.#roots[actor] ?? this.#grow(actor, 0, 0, 0);
    this.#roots[actor] = known;
    return known;
  }

  /** What happens at a node; none for those where the actor has ended. */
  access(node: number): Access | undefined {
    return this.#access[node];
  }

  actorOf(node: number): number {
    return this.#actorOf[node] as number;
  }

  /** How many accesses the actor made before. */
  depth(node: number): number {
    return this.#depth[node] as number;
  }

  parent(node: number): number {
    return this.#parent[node] as number;
  }

  /** The last plain store that the actor has made before. A loop that is folded has none. */
  storeBefore(node: number): number {
    return this.#storeBefore[node] as number;
  }

  /** The edge by which a node was first reached. */
  incoming(node: number): number {
    return this.#parentEdge[node] as number;
  }

  /** Where in the user's code the access of a node is made: the actor runs once more. */
  site(node: number): string {
    if (this.#access[node] === undefined) return '';
    const known = this.#sites.get(node);
    if (known !== undefined) return known;
    const script = this.#scriptTo(node);
    const { port } = this.#run(this.actorOf(node), {
      ...script,
      siteOf: script.results,
      findSite: callSite,
    });
    this.#sites.set(node, port.site);
    return port.site;
  }

  /** Registers that the actor has set by then. Where it has not ended it runs once more. */
  registers(node: number): RegisterValues {
    const known = this.#registers.get(node);
    if (known) return known;
    const { registers } = this.#run(this.actorOf(node), this.#scriptTo(node)).port;
    this.#registers.set(node, registers);
    return registers;
  }

  thrown(node: number): string | undefined {
    return this.#thrown.get(node);
  }

  /** The edge of `node` for a result; the actor runs where there is none yet. */
  edge(node: number, lo: number, hi: number): number {
    for (let edge = this.edgeOf[node] as number; edge !== 0; edge = this.edgeNext[edge] as number) {
      if (this.edgeLo[edge] === lo && this.edgeHi[edge] === hi) return edge;
    }
    this.#grow(this.actorOf(node), node, lo, hi);
    return this.edge(node, lo, hi);
  }

  /** The node after a result. */
  next(node: number, lo: number, hi: number): number {
    return this.edgeTo[this.edge(node, lo, hi)] as number;
  }

  /** Whether a loop that was folded sleeps on this word. */
  waitsAt(spin: number, address: number): boolean {
    return (this.spins[spin] as SpinLoop).nodes.some(
      (node) => this.kind[node] === Kind.wait && this.address[node] === address,
    );
  }

  /** Whether a loop that was folded looks at one of these bytes, or waits there. */
  looksAt(spin: number, address: number, size: number): boolean {
    const nodes = (this.spins[spin] as SpinLoop).nodes;
    for (let index = 0; index < nodes.length; index++) {
      const from = this.address[nodes[index] as number] as number;
      const to = from + (this.size[nodes[index] as number] as number);
      if (from < address + size && address < to) return true;
    }
    return false;
  }

  /** Runs the actor for one result more than is known. */
  #grow(actor: number, node: number, lo: number, hi: number): number {
    const script = this.#scriptFor(node, lo, hi);
    const first = this.#extend(actor, node, lo, hi, script);
    const last = this.nodes - 1;
    const isOpen = (this.kind[last] as number) < Kind.end;
    if (isOpen && !this.#isBounded[last]) this.#lookForSpin(last);
    return first;
  }

  #extend(actor: number, node: number, lo: number, hi: number, script: Script): number {
    const { port, threw } = this.#run(actor, script);
    let from = node;
    let result = { lo, hi };
    let first = 0;
    for (const [index, access] of port.found.entries()) {
      const made = this.#append(actor, from, result, access);
      if (first === 0) first = made;
      if (this.kind[made] === Kind.limit) return first;
      from = made;
      result = { lo: port.foundLo[index] as number, hi: port.foundHi[index] as number };
    }
    if (port.isStopped) return first;
    const end = this.#append(actor, from, result, undefined);
    this.kind[end] = threw === undefined ? Kind.end : Kind.threw;
    this.#registers.set(end, port.registers);
    if (threw !== undefined) this.#thrown.set(end, threw);
    return first === 0 ? end : first;
  }

  #run(actor: number, script: Script): { readonly port: Port; readonly threw?: string } {
    const runner = this.actors[actor] as ActorRunner;
    let port: Port;
    let ended: Ended;
    do {
      port = new Port(runner.name, script);
      this.runs += 1;
      ended = runner.run(port);
    } while (ended.isStarved);
    port.finish();
    if (port.failure) throw port.failure;
    return { port, ...ended };
  }

  /** With the results that lead to this node. */
  #scriptTo(node: number): Script {
    const edge = this.#parentEdge[node] as number;
    const [lo, hi] = [this.edgeLo[edge] as number, this.edgeHi[edge] as number];
    return this.#scriptFor(this.#parent[node] as number, lo, hi);
  }

  #scriptFor(node: number, lo: number, hi: number): Script {
    const depth = node === 0 ? 0 : this.depth(node) + 1;
    const known = new Array<Access>(depth);
    const los = new Int32Array(depth);
    const his = new Int32Array(depth);
    let [at, nextLo, nextHi] = [node, lo, hi];
    for (let index = depth - 1; index >= 0; index--) {
      known[index] = this.#access[at] as Access;
      los[index] = nextLo;
      his[index] = nextHi;
      const edge = this.#parentEdge[at] as number;
      nextLo = this.edgeLo[edge] as number;
      nextHi = this.edgeHi[edge] as number;
      at = this.#parent[at] as number;
    }
    return { known, lo: los, hi: his, results: depth, period: 0, limit: 0 };
  }

  #append(
    actor: number,
    from: number,
    { lo, hi }: { lo: number; hi: number },
    access: Access | undefined,
  ): number {
    const node = this.newNode();
    const depth = from === 0 ? 0 : this.depth(from) + 1;
    this.#access[node] = access;
    this.#actorOf[node] = actor;
    this.#parent[node] = from;
    this.#depth[node] = depth;
    const isStore = this.kind[from] === Kind.store && this.isSeqCst[from] === 0;
    this.#storeBefore[node] = isStore ? from : (this.#storeBefore[from] as number);
    this.#isBounded[node] = false;
    if (access) this.#store(node, access);
    if (access && depth >= this.maxSteps) this.kind[node] = Kind.limit;
    this.#parentEdge[node] = from === 0 ? 0 : this.#connect(from, lo, hi, node);
    return node;
  }

  #store(node: number, access: Access): void {
    this.kind[node] = access.kind;
    this.size[node] = access.size;
    this.op[node] = access.op;
    this.isLimited[node] = access.isLimited ? 1 : 0;
    this.isSeqCst[node] = access.order;
    this.address[node] = access.address;
    this.lo[node] = access.lo;
    this.hi[node] = access.hi;
    this.expectedLo[node] = access.expectedLo;
    this.expectedHi[node] = access.expectedHi;
  }

  #connect(from: number, lo: number, hi: number, to: number): number {
    const edge = this.newEdge();
    this.edgeLo[edge] = lo;
    this.edgeHi[edge] = hi;
    this.edgeTo[edge] = to;
    this.edgeNext[edge] = this.edgeOf[from] as number;
    this.edgeOf[from] = edge;
    return edge;
  }

  /**
   * The newest node of an actor may be the head of a loop that looks again and again. The actor
   * runs on with the same answers: if it leaves the loop by itself, the loop is bounded and its
   * nodes are made; if it does not, the last round is folded into a cycle.
   */
  #lookForSpin(last: number): void {
    const period = repeatedPeriod(this, last);
    if (period === 0) return;
    const script = { ...this.#scriptTo(last), period, limit: this.#runOn };
    const actor = this.actorOf(last);
    const { port, threw } = this.#run(actor, script);
    if (port.isStopped && port.found.length > this.#runOn && staysIn(port.found, period)) {
      this.#fold(last, period);
    } else this.#keepBounded(actor, last, port, threw);
  }

  /** The node that a new round would begin with becomes the one of the round before. */
  #fold(last: number, period: number): void {
    const head = back(this, last, period);
    const edge = this.#parentEdge[last] as number;
    const nodes: number[] = [];
    const edges: number[] = [];
    for (let node = last; node !== head; node = this.parent(node)) {
      nodes.unshift(this.parent(node));
      edges.unshift(this.incoming(node));
    }
    this.edgeTo[edge] = head;
    this.edgeRests[edge] = this.spins.length;
    this.spins.push({ actor: this.actorOf(last), head, nodes, edges });
  }

  #keepBounded(actor: number, last: number, port: Port, threw: string | undefined): void {
    let from = last;
    this.#isBounded[last] = true;
    // the first access that was found is `last` itself
    for (let index = 1; index < port.found.length; index++) {
      const result = {
        lo: port.foundLo[index - 1] as number,
        hi: port.foundHi[index - 1] as number,
      };
      from = this.#append(actor, from, result, port.found[index]);
      if (this.kind[from] === Kind.limit) return;
      this.#isBounded[from] = true;
    }
    if (port.isStopped) return;
    const at = port.found.length - 1;
    const result = { lo: port.foundLo[at] as number, hi: port.foundHi[at] as number };
    const end = this.#append(actor, from, result, undefined);
    this.kind[end] = threw === undefined ? Kind.end : Kind.threw;
    this.#registers.set(end, port.registers);
    if (threw !== undefined) this.#thrown.set(end, threw);
  }
}
