import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const LISTENED = ['SIGINT', 'SIGTERM', 'SIGWINCH', 'SIGUSR2', 'SIGHUP', 'SIGCHLD'];

async function heardBy(deadline, wanted, heard) {
  while (heard.size < wanted && performance.now() < deadline) await sleep(2);
}

/** Each signal is sent to the process while another thread carries; listeners run. */
export async function listeners({ handOver }) {
  const heard = new Set();
  for (const signal of LISTENED) process.on(signal, () => heard.add(signal));
  for (const signal of LISTENED) {
    handOver();
    process.kill(process.pid, signal);
  }
  await heardBy(performance.now() + 5000, LISTENED.length, heard);
  return LISTENED.filter((signal) => !heard.has(signal));
}

/** A signal without a listener ends the process, as in real Node. */
export async function unlistened({ handOver }) {
  handOver();
  process.kill(process.pid, 'SIGTERM');
  await sleep(5000);
}

/** A burst while hand-offs go on: at least one is heard, and nothing breaks. */
export async function burst({ handOver }) {
  let heard = 0;
  process.on('SIGUSR2', () => {
    heard++;
  });
  for (let i = 0; i < 200; i++) {
    process.kill(process.pid, 'SIGUSR2');
    handOver();
    if (i % 10 === 0) await sleep(1);
  }
  await sleep(50);
  return heard > 0;
}

/** SIGCHLD reaches the process while it is blocked in a call: `close` is told. */
export async function childEnds({ handOver }) {
  const ended = new Promise((resolve) => execFile('true', (error) => resolve(error === null)));
  for (let i = 0; i < 20; i++) handOver();
  return ended;
}

/** Waits for SIGUSR1 from the test; the inspector says so on stderr. */
export async function inspectorBySigusr1({ handOver, say }) {
  const inspector = await import('node:inspector');
  handOver();
  say('ready');
  for (let i = 0; i < 2000 && !inspector.url(); i++) {
    handOver();
    await sleep(5);
  }
  assert.match(inspector.url(), /^ws:/);
  const { port } = new URL(inspector.url());
  const answer = await fetch(`http://127.0.0.1:${port}/json/version`);
  const { Browser } = await answer.json();
  inspector.close();
  return Browser;
}
