import { Session } from 'node:inspector';

const STEP_MS = 1;

function spin(ms) {
  const until = performance.now() + ms;
  let sum = 0;
  while (performance.now() < until) for (let i = 0; i < 1000; i++) sum += Math.sqrt(i);
  return sum;
}

// two functions that a profile must tell apart
export function busyOne(ms) {
  return spin(ms);
}

export function busyTwo(ms) {
  return spin(ms);
}

export function betweenTwo(handOver) {
  return handOver();
}

/** Both functions in turn, with a hand-off after each or without; the time that each took. */
function work(totalMs, handOver, times = { one: 0, two: 0, between: 0 }) {
  let now = performance.now();
  const until = now + totalMs;
  const lap = (name) => {
    const before = now;
    now = performance.now();
    times[name] += now - before;
  };
  while (now < until) {
    busyOne(STEP_MS);
    lap('one');
    betweenTwo(handOver);
    lap('between');
    busyTwo(STEP_MS);
    lap('two');
    betweenTwo(handOver);
    lap('between');
  }
  return times;
}

/** For `--cpu-prof`: Node writes the profile when the process ends. */
export function cpuProf({ handOver, counters, carried }) {
  const times = work(2000, handOver);
  return { times, handOffs: carried ? counters().handOffs : 0 };
}

function post(session, method, params) {
  return new Promise((resolve, reject) => {
    session.post(method, params, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** 30 profiles with hand-offs, and 30 without in turn. */
export async function inspectorProfiles({ handOver, counters }) {
  const session = new Session();
  const runs = [0, 1].map(() => ({ profiles: [], times: { one: 0, two: 0, between: 0 } }));
  session.connect();
  await post(session, 'Profiler.enable');
  await post(session, 'Profiler.setSamplingInterval', { interval: 500 });
  const before = counters().handOffs;
  for (let i = 0; i < 60; i++) {
    const { profiles, times } = runs[i & 1];
    await post(session, 'Profiler.start');
    work(40, i & 1 ? handOver : () => 0, times);
    profiles.push((await post(session, 'Profiler.stop')).profile);
  }
  session.disconnect();
  return { runs, handOffs: counters().handOffs - before };
}

/** Starts and stops as fast as it can: what is pending at the end of one must harm nobody. */
export async function startStop({ handOver }) {
  const session = new Session();
  session.connect();
  await post(session, 'Profiler.enable');
  await post(session, 'Profiler.setSamplingInterval', { interval: 100 });
  for (let i = 0; i < 150; i++) {
    await post(session, 'Profiler.start');
    handOver();
    handOver();
    await post(session, 'Profiler.stop');
    handOver();
  }
  return 'alive';
}
