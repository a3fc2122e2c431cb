import { writeSync } from 'node:fs';
import { constants, Kernel, NR, type SysletCall } from '../kernel/index.ts';
import { CompletionRing } from '../ring/index.ts';
import type { BlockerActor, CompleterActor } from '../scenario/index.ts';
import type { ActorRun } from './walk.ts';

/** Descriptors of the two ends of a pipe. */
export type Pipe = readonly [read: number, write: number];

const { O_CLOEXEC } = constants;

/** A pipe for the blockers and signallers of one ring. */
export function makePipe(): Pipe {
  const ends = new Int32Array(2);
  const kernel = Kernel.attach();
  try {
    kernel.complete(NR.pipe2, ends, O_CLOEXEC);
  } finally {
    kernel.detach();
  }
  return [ends[0] as number, ends[1] as number];
}

/** Submits one syslet for each sample, into the ring of that sample's state. */
export function sysletRun(
  actor: CompleterActor | BlockerActor,
  pipe: Pipe | undefined,
  stride: number,
): ActorRun {
  const { callerData = 0, register, overflow = 'reserve' } = actor;
  // one for each blocked call of a stride, and a few that watch and wait
  const kernel = Kernel.attach({ overflow, maxTasks: 2 * stride + 64 });
  const { call, submit } = submission(kernel, actor, pipe);
  const ringOf = rings(actor.ring);
  return (state, result) => {
    const given = submit(call.setRing(ringOf(state)).setCallerData(callerData));
    if (register === undefined) return;
    (result as Record<string, number>)[register] = call.pending ? 0 : given < 0 ? given : 1;
  };
}

function submission(kernel: Kernel, actor: CompleterActor | BlockerActor, pipe: Pipe | undefined) {
  if (actor.kind === 'completer') {
    return { call: kernel.newCall(NR.getppid), submit: (call: SysletCall) => call.dispatch() };
  }
  const [read] = pipe ?? [-1];
  const call = kernel.newCall(NR.read).setArgs(read, new Uint8Array(1), 1);
  return { call, submit: (one: SysletCall) => one.run() };
}

/** The rings of a field, each made an object when it is first met. */
function rings(name: string): (state: unknown) => CompletionRing {
  const known = new WeakMap<SharedArrayBuffer, CompletionRing>();
  return (state) => {
    const memory = (state as Record<string, SharedArrayBuffer>)[name] as SharedArrayBuffer;
    const ring = known.get(memory) ?? CompletionRing.over(memory);
    known.set(memory, ring);
    return ring;
  };
}

/** Writes a byte for each sample. */
export function signallerRun(pipe: Pipe | undefined): ActorRun {
  const [, write] = pipe ?? [-1, -1];
  const byte = new Uint8Array([1]);
  return () => {
    writeSync(write, byte);
  };
}
