import assert from 'node:assert/strict';
import { writeSync } from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';

const BYTES = 48;
const READS = 24;
const VICTIMS = 4000;

/** Reads into arrays that nothing but the pin refers to. */
function readsIntoNothing({ native, submit, NR, handOver }, fds, pinned) {
  const [weak, ids] = [[], []];
  while (ids.length < READS) {
    const buffer = new Uint8Array(BYTES);
    const keep = pinned ? [buffer] : [];
    const call = submit(NR.read, [fds[0], native.addressOf(buffer), BYTES], { keep });
    if (call.pending) {
      weak.push(new WeakRef(buffer));
      ids.push(call.id);
    } else handOver();
  }
  return { weak, ids };
}

/** Collects all that it can; what is freed is taken by arrays of the same size. */
async function collectAndTake({ native }) {
  for (let i = 0; i < 3; i++) {
    await immediate();
    globalThis.gc();
  }
  return Array.from({ length: VICTIMS }, () => {
    const victim = new Uint8Array(BYTES).fill(7);
    native.addressOf(victim);
    return victim;
  });
}

/** One round: how many arrays went while their reads were pending, were hit, and stayed after. */
async function round(context, pinned) {
  const fds = context.pipe();
  const { weak, ids } = readsIntoNothing(context, fds, pinned);
  const victims = await collectAndTake(context);
  const collected = weak.filter((ref) => ref.deref() === undefined).length;
  writeSync(fds[1], Buffer.alloc(BYTES * READS, 0xee));
  for (const id of ids) assert.equal(context.completion(id), BigInt(BYTES));
  const hit = victims.filter((victim) => !victim.every((byte) => byte === 7)).length;
  while (context.counters().tasksAway > 0) await immediate();
  context.native.unpin();
  await collectAndTake(context);
  const kept = weak.filter((ref) => ref.deref() !== undefined).length;
  for (const fd of fds) (await import('node:fs')).closeSync(fd);
  return { collected, hit, kept };
}

async function rounds(context, number, pinned) {
  const sum = { collected: 0, hit: 0, kept: 0 };
  for (let i = 0; i < number; i++) {
    const one = await round(context, pinned);
    for (const key of Object.keys(sum)) sum[key] += one[key];
  }
  return { ...sum, pins: context.counters().pins };
}

export const pinned = (context) => rounds(context, 24, true);

/** What the pins are for: without them arrays are collected under a pending read. */
export const notPinned = (context) => rounds(context, 1, false);

/** Big buffers, and a growing heap beside them. */
export async function bigBuffers({ native, submit, pipe, completion, handOver, NR }) {
  const bytes = 1 << 20;
  for (let i = 0; i < 20; i++) {
    const [read, write] = pipe();
    let buffer = new Uint8Array(bytes);
    let call = submit(NR.read, [read, native.addressOf(buffer), bytes], { keep: [buffer] });
    while (!call.pending) {
      handOver();
      call = submit(NR.read, [read, native.addressOf(buffer), bytes], { keep: [buffer] });
    }
    const weak = new WeakRef(buffer);
    buffer = undefined;
    await immediate();
    globalThis.gc();
    writeSync(write, Buffer.alloc(4096, i));
    assert.equal(completion(call.id), 4096n);
    assert.equal(weak.deref() === undefined || weak.deref()[4095] === i, true);
  }
  return 'read';
}
