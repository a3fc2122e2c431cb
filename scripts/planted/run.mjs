// Runs a finder until it finds something, ends, or has used up its time.

import { spawn } from 'node:child_process';

/** How a finder says that it has found something; C ones by an assertion's file and line. */
const FINDING = /^(forbidden|wrong): |\.[ch]:\d+: /m;

/** Beyond its own time a finder gets so long to start and to end. */
const GRACE_MS = 15_000;

/**
 * Whether it found something, after how many seconds it said so, and what. A finder that was killed
 * because it hung, or died of a signal, has found something too, unless it `mustSay` so.
 *
 * @throws Error where it failed for another reason: that is no finding.
 */
export async function find(command, args, { seconds, env = {}, mustSay = false }) {
  const start = performance.now();
  const child = spawn(command, args, {
    env: { ...process.env, SYSLETS_TEST_SECONDS: String(seconds), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let told;
  const read = (data) => {
    output += data;
    if (FINDING.test(output)) told ??= secondsSince(start);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  let hung = false;
  const limit = setTimeout(() => (hung = child.kill('SIGKILL')), seconds * 1000 + GRACE_MS);
  const [code, signal] = await ended(child);
  clearTimeout(limit);
  const elapsed = told ?? secondsSince(start);
  if (code !== null && code !== 0 && !FINDING.test(output)) {
    throw new Error(`${command} ${args.join(' ')} failed with ${code}:\n${output}`);
  }
  const found = code !== 0 && (!mustSay || FINDING.test(output));
  return { found, seconds: elapsed, said: said({ code, signal, hung, output }) };
}

function secondsSince(start) {
  return (performance.now() - start) / 1000;
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve([code, signal]));
  });
}

function said({ code, signal, hung, output }) {
  if (hung) return 'it hung and was killed';
  const lines = output.split('\n').filter((line) => line !== '' && !line.includes('_SEED='));
  if (signal) return lines.find((line) => FINDING.test(line)) ?? `it died: ${signal}`;
  const line = (code === 0 ? lines.at(-1) : lines[0]) ?? '';
  return line.replace(/^\S+:\d+: /, '');
}
