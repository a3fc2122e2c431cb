import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import os from 'node:os';

const NR_SCHED_SETAFFINITY = 203n;
const NR_SCHED_GETAFFINITY = 204n;

export function title({ handOver }) {
  process.title = 'carried title';
  for (let i = 0; i < 10; i++) {
    handOver();
    assert.equal(process.title, 'carried title');
  }
  return readFileSync('/proc/self/cmdline', 'latin1').split('\0')[0];
}

export function priority({ handOver }) {
  const seen = [];
  for (const nice of [3, 7, 12]) {
    os.setPriority(nice);
    for (let i = 0; i < 5; i++) {
      handOver();
      seen.push(os.getPriority());
    }
  }
  return [...new Set(seen)];
}

/** Pins to each processor in turn, by the calling thread's own call, and looks after hand-offs. */
export function affinity({ native, callAndWait, handOver, counters }) {
  const mask = new BigUint64Array(new SharedArrayBuffer(128));
  const address = native.addressOf(mask);
  const call = (nr) => callAndWait(nr, [0, 128, address], [mask]);
  assert.ok(call(NR_SCHED_GETAFFINITY) > 0);
  const all = mask[0];
  const seen = [];
  for (const wanted of [1n, 2n, all].filter((bits) => (bits & all) === bits)) {
    mask.fill(0n);
    mask[0] = wanted;
    assert.equal(call(NR_SCHED_SETAFFINITY), 0);
    for (let i = 0; i < 5; i++) {
      handOver();
      mask.fill(0n);
      assert.ok(call(NR_SCHED_GETAFFINITY) > 0);
      seen.push(mask[0] === wanted);
    }
  }
  return { right: seen.every(Boolean), adopted: counters().attributesAdopted > 0 };
}

/** getaffinity of os and the current directory, umask and limits: these belong to the process. */
export function processWide({ handOver }) {
  const before = [process.cwd(), process.umask(0o027), os.availableParallelism()];
  handOver();
  process.chdir('/');
  handOver();
  const after = [process.cwd(), process.umask(), os.availableParallelism() === before[2]];
  return after;
}

/** process.cpuUsage, hrtime and resourceUsage count on. */
export function clocks({ handOver }) {
  const [cpu, time] = [process.cpuUsage(), process.hrtime.bigint()];
  for (let i = 0; i < 20; i++) handOver();
  const used = process.cpuUsage(cpu);
  return used.user >= 0 && used.system >= 0 && process.hrtime.bigint() > time;
}
