import assert from 'node:assert/strict';
import { exec, execFileSync, execSync, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const MASK = 'grep SigBlk /proc/self/status | cut -f2';
const FORKED = new URL('../forked.mjs', import.meta.url).pathname;

async function output(child) {
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  return `${code} ${text.trim()}`;
}

/** What each way to start a child says of its signal mask. */
export async function masks({ handOver }) {
  handOver();
  const spawned = output(spawn('sh', ['-c', MASK]));
  handOver();
  const executed = promisify(exec)(MASK);
  handOver();
  return {
    execSync: execSync(MASK, { encoding: 'utf8' }).trim(),
    execFileSync: execFileSync('sh', ['-c', MASK], { encoding: 'utf8' }).trim(),
    spawnSync: spawnSync('sh', ['-c', MASK], { encoding: 'utf8' }).stdout.trim(),
    spawn: await spawned,
    exec: (await executed).stdout.trim(),
  };
}

/** 60 children, in threes, while hand-offs go on. */
export async function many({ handOver }) {
  for (let i = 0; i < 20; i++) {
    const three = [1, 2, 3].map((n) => output(spawn('sh', ['-c', `echo ${n}`])));
    handOver();
    assert.deepEqual(await Promise.all(three), ['0 1', '0 2', '0 3']);
    handOver();
  }
  return 'all';
}

export async function forked({ handOver }) {
  const child = fork(FORKED, { execArgv: [] });
  for (let i = 0; i < 20; i++) {
    child.send({ i });
    handOver();
    const [{ twice }] = await once(child, 'message');
    assert.equal(twice, 2 * i);
  }
  child.disconnect();
  const [code] = await once(child, 'exit');
  return code;
}

/**
 * The child asks for SIGKILL when the OS thread that forked it ends. That thread carried JavaScript
 * then and is an original later; it must not end.
 */
export async function parentDeath({ handOver, handOverAnywhere }) {
  handOver();
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'sleep', '30']);
  for (let i = 0; i < 50; i++) {
    handOverAnywhere();
    if (i % 10 === 0) await sleep(5);
  }
  await sleep(100);
  const alive = child.exitCode === null && child.signalCode === null;
  child.kill('SIGTERM');
  const [, signal] = await once(child, 'close');
  return { alive, signal };
}

/** kill(), stdin and streams in both directions. */
export async function streams({ handOver }) {
  const cat = spawn('cat');
  const echoed = output(cat);
  for (let i = 0; i < 200; i++) {
    cat.stdin.write(`${'x'.repeat(1000)}\n`);
    if (i % 10 === 0) handOver();
  }
  cat.stdin.end();
  return (await echoed).length;
}
