// What a trial needs of syslets, straight on the addon: it runs in a child process (or a worker of
// it) under any Node version, so it is plain JavaScript. One context a thread, as in the addon.

import { createRequire } from 'node:module';

export const ADDON = new URL('../../build/Release/syslets.node', import.meta.url).pathname;
export const native = createRequire(import.meta.url)(ADDON);

export const NR = {
  read: 0n,
  write: 1n,
  pread64: 17n,
  madvise: 28n,
  nanosleep: 35n,
  getpid: 39n,
  setresuid: 117n,
  capset: 126n,
  prctl: 157n,
  openat: 257n,
  pipe2: 293n,
};

export const PENDING = -132;

const CALL_BYTES = 128;
const STACK_BYTES = 16384;
const PATIENCE_MS = 10_000;

const block = new SharedArrayBuffer(CALL_BYTES);
const words = new Uint32Array(block);
const quads = new BigUint64Array(block);
const signed = new BigInt64Array(block);
const pause = new BigInt64Array(new SharedArrayBuffer(16));

let stacks;
let stackBase;
let serial = 0;
let birth;

/** A completion ring in shared memory; any context may complete into it. */
export function createRing(elements = 256, buffer = new SharedArrayBuffer(16 + 16 * elements)) {
  const ring = { buffer, elements, words: new Uint32Array(buffer) };
  ring.words[2] = elements;
  ring.address = native.addressOf(ring.words);
  ring.completions = new BigInt64Array(buffer, 16);
  return ring;
}

let ring;
const done = new Map();
const sleeping = new Set(); // calls of handOver that nobody has waited for

/** Attaches the calling thread. */
export function attach({ watcher = 'auto', overflow = 'reserve' } = {}) {
  const info = native.attach({
    maxTasks: 0, // as many as the machine gives
    idleMs: 0, // the usual
    watcher,
    policy: 'default',
    overflow,
    calls: new Uint8Array(block),
  });
  ring = createRing();
  stacks = new Uint8Array(new SharedArrayBuffer(STACK_BYTES * ring.elements));
  stackBase = native.addressOf(stacks);
  birth = info.tid;
  return info;
}

export const birthTid = () => birth;
export const ownRing = () => ring;

/** From now on calls complete into `other`, which another context may reap. */
export function useRing(other) {
  ring = other;
}

/**
 * Makes one call as a syslet. `keep` is pinned when it was handed over. `id` is what its completion
 * carries.
 */
export function submit(nr, args = [], { keep = [], id = ++serial } = {}) {
  quads[0] = nr;
  for (let i = 0; i < 6; i++) quads[1 + i] = BigInt.asUintN(64, BigInt(args[i] ?? 0));
  quads[7] = ring.address;
  quads[8] = BigInt(id);
  quads[9] = native.functions().park;
  quads[10] = stackBase + BigInt(STACK_BYTES * ((id % ring.elements) + 1));
  words[24] = 32;
  const value = native.call(0);
  const pending = words[25] === 1;
  if (pending && keep.length > 0) native.pin(keep);
  return { value: pending ? PENDING : value, exact: signed[11], pending, id };
}

/** Takes what is in the ring; all of it, or what `take` is for. */
export function reap(from = ring) {
  const taken = [];
  let tail = from.words[1];
  while (tail !== Atomics.load(from.words, 0)) {
    const at = 2 * (tail & (from.elements - 1));
    taken.push({ status: from.completions[at], id: Number(from.completions[at + 1]) });
    tail = (tail + 1) >>> 0;
    Atomics.store(from.words, 1, tail);
  }
  native.unpin();
  return taken;
}

function reapIntoDone() {
  for (const { id, status } of reap()) {
    if (done.has(id)) throw new Error(`call ${id} completed twice`);
    done.set(id, status);
  }
}

/** The status of a pending call, waited for in the kernel's own wait. */
export function completion(id, timeoutMs = PATIENCE_MS) {
  const limit = Date.now() + timeoutMs;
  for (;;) {
    reapIntoDone();
    if (done.has(id)) {
      sleeping.delete(id);
      const status = done.get(id);
      done.delete(id);
      return status;
    }
    if (Date.now() > limit) throw new Error(`call ${id} did not complete in ${timeoutMs} ms`);
    native.ringWait(ring.address, ring.words[1], 20);
  }
}

/** Blocks in a call until JavaScript goes on on another OS thread; returns the call's number. */
export function handOver(ms = 1) {
  const limit = Date.now() + PATIENCE_MS;
  pause[0] = 0n;
  pause[1] = BigInt(ms) * 1_000_000n;
  while (Date.now() < limit) {
    const before = native.gettid();
    reapIntoDone();
    const { pending, id, value } = submit(NR.nanosleep, [native.addressOf(pause)]);
    if (pending) sleeping.add(id);
    if (pending && native.gettid() !== before) return id;
    if (pending) throw new Error('pending, but on the same OS thread');
    // -EAGAIN: no room promised in the ring until some calls have completed
    if (value === -11) native.ringWait(ring.address, ring.words[1], 20);
    // -EINTR: a profiler or setuid signalled before it was handed over, as in plain Node
    else if (value !== 0 && value !== -4) throw new Error(`nanosleep: ${value}`);
  }
  throw new Error(`no hand-off in ${PATIENCE_MS} ms`);
}

/** Waits for every call of handOver. */
export function settle() {
  for (const id of sleeping) completion(id);
}

/** Hands over until the thread on which this context was born does not carry it. */
export function leaveHome() {
  do handOver();
  while (native.gettid() === birth);
  return native.gettid();
}

/** The result of a call, which may block like any other: then of its completion. */
export function callAndWait(nr, args, keep = []) {
  const { pending, value, id } = submit(nr, args, { keep });
  return pending ? Number(completion(id)) : value;
}

/** A pipe: [read end, write end]. */
export function pipe() {
  const fds = new Int32Array(new SharedArrayBuffer(8));
  const value = callAndWait(NR.pipe2, [native.addressOf(fds), 0o2000000], [fds]);
  if (value !== 0) throw new Error(`pipe2: ${value}`);
  return [fds[0], fds[1]];
}

/** Reads from an empty pipe until the read was handed over; it stays pending. */
export function blockOn(fd, buffer = new Uint8Array(new SharedArrayBuffer(64))) {
  const limit = Date.now() + PATIENCE_MS;
  while (Date.now() < limit) {
    const call = submit(NR.read, [fd, native.addressOf(buffer), buffer.byteLength], {
      keep: [buffer],
    });
    if (call.pending) return call.id;
    if (call.value !== -11) throw new Error(`read: ${call.value}`);
    handOver();
  }
  throw new Error('the read was never handed over');
}

export function counters() {
  return Object.fromEntries(
    Object.entries(native.counters()).map(([name, value]) => [name, Number(value)]),
  );
}
