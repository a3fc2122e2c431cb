import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CaseResult } from './bench.ts';
import type { PipesOutput } from './loop-pipes-child.ts';
import { compared } from './result.ts';

const CHILD = fileURLToPath(new URL('loop-pipes-child.js', import.meta.url));
const POOL = '64';

/** A process of its own: libuv's pool has its size from the start. */
export function pipesCase(): CaseResult {
  const { stdout, status, stderr } = spawnSync(process.execPath, [CHILD], {
    env: { ...process.env, UV_THREADPOOL_SIZE: POOL },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the pipes' process ended with ${status}: ${stderr}`);
  const { samples, detail } = JSON.parse(stdout) as PipesOutput;
  const naming = { case: '64 pipes, ping-pong', unit: 'ns', baseline: `fs.read, pool of ${POOL}` };
  return compared(naming, samples, { unit: 'a message', ...detail });
}
