import assert from 'node:assert/strict';

const ENOSYS = -38;

export function detachComesHome({ native, birthTid, counters }) {
  assert.notEqual(native.gettid(), birthTid());
  native.detach();
  assert.equal(native.gettid(), birthTid());
  assert.equal(native.gettid(), process.pid);
  const { contexts, tasks, tasksIdle, tasksAway, stacks, perfEvents, samplerFiles, pins } =
    counters();
  return {
    left: { contexts, tasks, tasksIdle, tasksAway, stacks, perfEvents, samplerFiles, pins },
  };
}

export function attachTwice({ attach, handOver }) {
  assert.throws(() => attach(), { code: 'EBUSY', message: /attached already/ });
  handOver();
  return 'refused';
}

export function afterDetach({ native, submit, ownRing, NR }) {
  native.detach();
  assert.throws(() => submit(NR.getpid), { code: 'ERR_OUT_OF_RANGE' });
  assert.deepEqual(native.indirect(0n, 0n, 0, 0), { value: BigInt(ENOSYS), pending: false });
  // any thread may wait for a ring: completions are there since before
  assert.notEqual(ownRing().words[0], 0);
  assert.equal(native.ringWait(ownRing().address, 0, 10), 0);
  assert.throws(() => native.detach(), { code: 'EINVAL' });
  assert.equal(native.unpin(), 0);
  return 'refused';
}

/** Also with calls pending each time: they are interrupted, waited for and counted. */
export function manyTimes({ native, attach, leaveAgain, blockOn, pipe, reap, ownRing, counters }) {
  let interrupted = 0;
  native.detach();
  for (let i = 0; i < 30; i++) {
    attach();
    leaveAgain();
    const [read] = pipe();
    const pending = [blockOn(read), blockOn(read)];
    while (counters().tasksAway > pending.length) native.ringWait(ownRing().address, 0, 1);
    interrupted += native.detach().interrupted;
    assert.equal(native.gettid(), process.pid);
    const ends = new Map(reap().map(({ id, status }) => [id, status]));
    for (const id of pending) assert.equal(ends.get(id), -4n);
  }
  const { tasks, stacks, contexts } = counters();
  return { interrupted, left: tasks + stacks + contexts };
}
