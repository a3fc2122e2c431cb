import { TooLarge } from './error.ts';

const FIRST_NODES = 256;

/** Nodes and edges of decision trees as arrays, which grow. Node 0 is none, edge 0 is none. */
export class TreeArrays {
  kind = new Uint8Array(FIRST_NODES);
  size = new Uint8Array(FIRST_NODES);
  op = new Uint8Array(FIRST_NODES);
  isLimited = new Uint8Array(FIRST_NODES);
  isSeqCst = new Uint8Array(FIRST_NODES);
  address = new Int32Array(FIRST_NODES);
  lo = new Int32Array(FIRST_NODES);
  hi = new Int32Array(FIRST_NODES);
  expectedLo = new Int32Array(FIRST_NODES);
  expectedHi = new Int32Array(FIRST_NODES);
  /** First edge of a node. */
  edgeOf = new Int32Array(FIRST_NODES);
  edgeLo = new Int32Array(FIRST_NODES);
  edgeHi = new Int32Array(FIRST_NODES);
  edgeTo = new Int32Array(FIRST_NODES);
  edgeNext = new Int32Array(FIRST_NODES);
  /** Number of the loop that this edge closes, or 0: the actor then rests until something changes. */
  edgeRests = new Int32Array(FIRST_NODES);
  nodes = 1;
  edges = 1;
  readonly #maxNodes: number;

  constructor(maxNodes: number) {
    this.#maxNodes = maxNodes;
  }

  newNode(): number {
    if (this.nodes >= this.#maxNodes) {
      throw new TooLarge(`the actors' decision trees have more than ${this.#maxNodes} nodes`);
    }
    if (this.nodes === this.kind.length) this.#enlargeNodes();
    return this.nodes++;
  }

  newEdge(): number {
    if (this.edges === this.edgeLo.length) this.#enlargeEdges();
    return this.edges++;
  }

  #enlargeNodes(): void {
    this.kind = enlargedBytes(this.kind);
    this.size = enlargedBytes(this.size);
    this.op = enlargedBytes(this.op);
    this.isLimited = enlargedBytes(this.isLimited);
    this.isSeqCst = enlargedBytes(this.isSeqCst);
    this.address = enlarged(this.address);
    this.lo = enlarged(this.lo);
    this.hi = enlarged(this.hi);
    this.expectedLo = enlarged(this.expectedLo);
    this.expectedHi = enlarged(this.expectedHi);
    this.edgeOf = enlarged(this.edgeOf);
  }

  #enlargeEdges(): void {
    this.edgeLo = enlarged(this.edgeLo);
    this.edgeHi = enlarged(this.edgeHi);
    this.edgeTo = enlarged(this.edgeTo);
    this.edgeNext = enlarged(this.edgeNext);
    this.edgeRests = enlarged(this.edgeRests);
  }
}

function enlarged(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function enlargedBytes(array: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(array.length * 2);
  larger.set(array);
  return larger;
}
