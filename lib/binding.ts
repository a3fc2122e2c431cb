/**
 * The addon's JavaScript face, as native/addon exports it. Nothing behind it validates: callers in
 * TypeScript have. Addresses are bigint; memory behind an address must be kept referenced.
 */
export interface NativeBinding extends NativeBench, NativeActors {
  /** What the C compiler says of each ABI struct, by the struct's C name. */
  shapes(): Readonly<Record<string, NativeShape>>;
  /** Address of a view's first byte, also over a SharedArrayBuffer. */
  addressOf(view: ArrayBufferView): bigint;
  /** Id of the OS thread that runs JavaScript right now, by raw system call. */
  gettid(): number;

  /** The two return functions that a frame may name. */
  functions(): { readonly park: bigint; readonly exit: bigint };
  registerFunction(address: bigint): void;
  isRegistered(address: bigint): boolean;

  attach(options: NativeAttachOptions): NativeAttachInfo;
  /** Brings the context home; counts the pending calls that were interrupted and waited for. */
  detach(): { readonly interrupted: number };

  /**
   * Runs `sys_indirect` on block `slot` of the `calls` array given to attach. Returns the result
   * (exact in the block too), or -132 with `pending` set in the block.
   */
  call(slot: number): number;
  /**
   * As call(), for a caller with other things to do: where no thread can take JavaScript over, a call that
   * blocks comes back after some milliseconds: -132 with `pending` 3, and it goes on when the block
   * is run once more. call() does that itself, until JavaScript is to end.
   */
  callUp(slot: number): number;
  /** As callUp(), but a call that no thread could take over is not begun: -132 with `pending` 2. */
  callWatched(slot: number): number;
  /**
   * Likewise, though a thread could take over: a call that can be looked at moves what it can and does not
   * wait: -132 with `pending` 4 if it is not over, and it goes on when the block is run once more.
   */
  callLooks(slot: number): number;
  /**
   * Runs the blocks from `first` on in their order until one is handed over (`pending` set in its
   * block) or all `count` have run: how many, the pending one too. Each block has its result.
   */
  callMany(first: number, count: number): number;
  /**
   * Gives block `slot` to a task, which makes the call: -132 with `pending` set at once, or
   * -errno (-11: the ring has no room, or the cap of tasks is reached). With `observe` the block's
   * `slept` tells, when the completion can be seen, whether it slept: 2, or 1 if not.
   */
  dispatch(slot: number, observe: boolean): number;
  /**
   * As call(), but if it blocks its result goes to the struct syslet_result_place at that address.
   * `how`: 0 as call(), 1 as dispatch(), 2 as dispatch() with `observe`.
   */
  callAt(slot: number, place: bigint, how: number): number;
  /**
   * Interrupts the pending call with that ring, or address of the status, and caller_data: false if
   * there is none any more. To be repeated until its completion is there: a signal may come just
   * before it sleeps.
   */
  interrupt(into: bigint, callerData: bigint | number): boolean;

  /**
   * Calls back from the event loop when completions are in the ring, once for each pollArm(), and
   * when descriptors are ready. `events` gets what is ready, 64 at most: descriptor (-1: the
   * ring), generation, epoll's events, 32 bits each. One for each environment; EBUSY is thrown by
   * a second one, EFAULT where there is no ring. The handle is unref'd at first. The ring's memory
   * stays until pollClose() or the environment's end.
   */
  pollRing(ring: bigint, onReady: (count: number) => void, events: Int32Array): void;
  /** true: armed. false: there are completions already, reap them; or nothing is polled. */
  pollArm(): boolean;
  pollRef(on: boolean): void;
  pollClose(): void;

  /** Waits for what pollRing calls back for, and stores it: how many; also when a signal came. */
  readyTake(timeoutMs: number): number;
  /** 1: poll can say something of the descriptor. 0: a file, a directory, a disk. -1: not open. */
  readyKind(fd: number): number;
  /** Does poll say at once that one of the events is there, or an error? */
  readyAsk(fd: number, events: number): boolean;
  /** -errno that a Unix socket has kept for its next call, which it then has no more; 0: none. */
  readyError(fd: number): number;
  /**
   * The next of the events on a descriptor that is in the set is told, once. `how` the call uses it,
   * and what is said instead, is in native/addon/poll.h.
   */
  readyArm(fd: number, events: number, generation: number, how: number): number;
  /** As readyArm, for a descriptor that is not in the set. */
  readyAdd(fd: number, events: number, generation: number, how: number): number;
  /** Takes a descriptor out of the set. */
  readyForget(fd: number): void;

  /** Baseline for benchmarks: the same block as a bare system call, in plain Node-API C. */
  bareSetup(calls: Uint8Array): void;
  bareCall(slot: number): number;
  /** `sys_indirect` on raw addresses, as v7 takes them. */
  indirect(regs: bigint, params: bigint, paramslen: number | bigint, flags: number): NativeResult;
  /** One slice of `sys_syslet_ring_wait`: 0, -ETIMEDOUT, -EINTR or -EFAULT. */
  ringWait(ring: bigint, idx: number, timeoutMs: number): number;

  /** One slice of syslet_place_wait: 0 or -ETIMEDOUT. */
  placeWait(place: bigint, timeoutMs: number): number;

  /** With overflow `block`: somebody has reaped; -errno or 0. Does nothing when nobody waits. */
  ringRoom(ring: bigint): number;
  /** The watcher in use now: `auto` may have gone over to the sampler in mid-run. */
  watcher(): { readonly watcher: Watcher | 'auto'; readonly watcherReason: string };

  /**
   * Keeps objects alive until the call that was just handed over is over, and the memory of
   * ArrayBuffers and views among them, also if they are transferred meanwhile. Pins of calls that
   * are over go first; by how many there are more now.
   */
  pin(objects: readonly object[]): number;
  /** Releases the pins of calls that are over; how many. */
  unpin(): number;
  /** Keeps the memory of an ArrayBuffer or view, or of several, for a slot, in place of what it had. */
  holdMemory(slot: number, views: object | readonly object[]): void;
  letGoMemory(slot: number): void;
  /** false: this runtime gives nobody a hold on the memory of an ArrayBuffer. */
  holdsMemory(): boolean;

  /**
   * The bytes of a regular file as shared memory: a SharedArrayBuffer, or -errno. The name is for the
   * line that a SIGBUS gives.
   */
  mapShared(fd: number, offset: number, length: number, name: string): SharedArrayBuffer | number;
  /** Gives these bytes of a file blocks, and makes it longer where it ends before: 0 or -errno. */
  allocateFile(fd: number, offset: number, length: number): number;
  /** false: this runtime takes no memory for a SharedArrayBuffer. */
  canMapShared(): boolean;

  counters(): Readonly<Record<string, bigint>>;
  doctor(): NativeDoctor;
  /** The reason in doctor's `refused` for one call; undefined for a call that is not refused. */
  whyRefused(nr: number): string | undefined;
}

/** What `syslets stress` needs beside JavaScript. */
export interface NativeActors {
  /** Lets the calling OS thread run on these processors only: 0 or -errno. */
  setAffinity(cpus: Int32Array): number;
  /** Processors of the calling OS thread; none where they cannot be told. */
  getAffinity(): number[];
  /**
   * A thread that calls a C function for each sample until the trial ends. `numbers` are: bytes
   * from state to state, its number, of how many threads, looks at a barrier, samples between
   * meetings, then offset and size of each register. All memory stays alive until then.
   *
   * @throws Error with what dlopen or dlsym say.
   */
  startActor(
    library: string,
    symbol: string,
    control: Int32Array,
    order: Uint32Array,
    state: Uint8Array,
    results: Uint8Array,
    cpus: Int32Array,
    numbers: Int32Array,
  ): void;
}

/** What benchmarks and the tour run in C; nothing else uses it. */
export interface NativeBench {
  /** Nanoseconds that `count` runs of block `slot` take in a C loop, by the bare `syscall()`. */
  bareLoop(calls: Uint8Array, slot: number, count: number): number;
  /** As bareLoop, by `sys_indirect`. */
  callLoop(calls: Uint8Array, slot: number, count: number): number;
  /**
   * Fills the samples with the nanoseconds of one-way futex wakes from one processor to another,
   * the sleeper really asleep, 60 µs apart; -1 where it was awake. 0 if there is one processor.
   */
  futexWake(samples: Float64Array): number;
  /** A thread that writes one byte to a descriptor in a fixed interval: 0 or -errno. */
  startTicker(fd: number, intervalNs: number): number;
  stopTicker(): { readonly ticks: number; readonly cpuNs: number };
  /**
   * A thread that writes a byte to the descriptor in words[0] when the call that words[1] counts
   * has not ended for 200 ms; words[0] is -1 outside of calls. 0 or -errno; how many it ended.
   */
  startRescue(words: Int32Array): number;
  stopRescue(): number;
  /** Signals in a fixed interval, half to the process, half to the threads named: 0 or -errno. */
  startStorm(tids: Int32Array, intervalNs: number): number;
  stopStorm(): { readonly toProcess: number; readonly toThreads: number };
  /** A frame's function that notes at caller_data what it sees, and parks; 0n without frames. */
  noteFunction(): bigint;
}

export interface NativeShape {
  readonly size: number;
  readonly align: number;
  readonly fields: Readonly<Record<string, { readonly offset: number; readonly size: number }>>;
}

export type Watcher = 'perf' | 'sampler' | 'spin' | 'clock';

export interface NativeAttachOptions {
  readonly watcher: Watcher | 'auto';
  readonly policy: 'default' | 'v7';
  readonly overflow: 'reserve' | 'block' | 'v7';
  /** OS threads of this context, its own among them; 0: as many as the machine gives. */
  readonly maxTasks?: number;
  /** Tasks that nobody needed for so long exit, but for a few; 0: 5,000. */
  readonly idleMs?: number;
  /** An array of struct syslet_call over a SharedArrayBuffer. */
  readonly calls: Uint8Array<SharedArrayBuffer>;
  /** Memory of a trace, or a file to be made and mapped for it; none: not traced. */
  readonly trace?: Uint8Array<SharedArrayBuffer>;
  readonly traceFile?: string;
  /** Of traceFile. */
  readonly traceBytes?: number;
  /** How many tasks find room. */
  readonly traceTasks?: number;
}

export interface NativeAttachInfo {
  readonly context: number;
  readonly watcher: Watcher;
  readonly watcherReason: string;
  /** Of the birth thread. */
  readonly tid: number;
}

export interface NativeResult {
  readonly value: bigint;
  readonly pending: boolean;
}

/** Facts about this machine; keys beside `refused` differ by what could be probed. */
export interface NativeDoctor {
  readonly refused: readonly {
    readonly name: string;
    readonly nr: number;
    readonly reason: string;
  }[];
  /** `ok`, or why not. */
  readonly perf: string;
  readonly sampler: string;
  readonly interruptSignal: number;
  /** What attaching took; nothing while this thread is not attached. */
  readonly spare: boolean;
  readonly guardian: boolean;
  readonly descriptorsHeld: number;
  readonly descriptorsMissing: number;
  readonly [fact: string]: unknown;
}
