// One context's share of the soak: reads that block on pipes, written to in another order.

import { closeSync, writeSync } from 'node:fs';

const PIPES = 24;
const BYTES = 16;
const PATIENCE_MS = 10_000;

function junk(size) {
  return Array.from({ length: size }, (_, i) => ({ text: `${i}` }));
}

/** Starts a read on each pipe that has none. */
function startReads({ submit, native, NR }, slots, byId) {
  for (const slot of slots) {
    if (slot.id !== undefined) continue;
    const buffer = new Uint8Array(BYTES);
    const call = submit(NR.read, [slot.read, native.addressOf(buffer), BYTES], { keep: [buffer] });
    if (!call.pending) continue; // interrupted, or no room promised: again in the next turn
    Object.assign(slot, { id: call.id, buffer, sent: false, round: slot.round + 1 });
    byId.set(call.id, slot);
  }
}

function send(slot) {
  writeSync(slot.write, payload(slot));
  slot.sent = true;
}

/** A byte array that only this read should get. */
function payload(slot) {
  const bytes = Buffer.alloc(BYTES, slot.number);
  bytes.writeUInt32LE(slot.round, 0);
  return bytes;
}

function settle(byId, { id, status }, tally) {
  const slot = byId.get(id);
  if (slot === undefined) {
    if (id >= tally.first) tally.doubled++; // else a sleep from before
    return;
  }
  byId.delete(id);
  tally.calls++;
  if (status !== BigInt(BYTES) || payload(slot).compare(slot.buffer) !== 0) tally.wrong++;
  slot.id = undefined;
}

function takeAll(context, byId, tally) {
  const { address, words } = context.ownRing();
  context.native.ringWait(address, words[1], 5);
  for (const completion of context.reap()) settle(byId, completion, tally);
}

const isDue = ({ id, sent }) => id !== undefined && !sent;

/** One turn: reads on all pipes, bytes for two in three of them, garbage. */
function turn(context, slots, byId, tally, number) {
  startReads(context, slots, byId);
  slots.filter((slot, i) => isDue(slot) && (i + number) % 3 !== 0).forEach(send);
  takeAll(context, byId, tally);
  if (number % 50 === 0) globalThis.gc?.();
  return junk(50);
}

/** Writes to what is still pending and takes it; what does not come is lost. */
function finish(context, slots, byId, tally) {
  const deadline = Date.now() + PATIENCE_MS;
  slots.filter(isDue).forEach(send);
  while (byId.size > 0 && Date.now() < deadline) takeAll(context, byId, tally);
  tally.lost += byId.size;
  for (const { read, write } of slots) {
    closeSync(read);
    closeSync(write);
  }
}

/** Makes `calls` reads that were handed over, each reaped exactly once. */
export function soakContext(context, calls) {
  const first = context.submit(context.NR.getpid).id;
  const tally = { first, calls: 0, lost: 0, doubled: 0, wrong: 0 };
  const byId = new Map();
  const deadline = Date.now() + 12 * PATIENCE_MS;
  const slots = Array.from({ length: PIPES }, (_, number) => {
    const [read, write] = context.pipe();
    return { number, read, write, round: 0, id: undefined, buffer: undefined, sent: false };
  });
  const kept = [];
  for (let i = 0; tally.calls < calls && Date.now() < deadline; i++)
    kept[i % 20] = turn(context, slots, byId, tally, i);
  finish(context, slots, byId, tally);
  return tally;
}
