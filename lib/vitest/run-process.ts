import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Results, RunAnswer, RunRequest } from './run-request.ts';

const MAIN = fileURLToPath(new URL('./run-main.js', import.meta.url));

/** Runs scenarios in another process. @throws Error that says what is wrong with their file. */
export async function runInProcess<R extends RunRequest>(request: R): Promise<Results[R['kind']]> {
  // the flags of this process may be those of a test runner
  const child = fork(MAIN, [], { execArgv: [] });
  const answer = await new Promise<RunAnswer>((resolve, reject) => {
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`the process that runs the scenario ended with ${signal ?? code}`)),
    );
    child.send(request);
  });
  if ('result' in answer) return answer.result as Results[R['kind']];
  const error = new Error(answer.error.message);
  error.name = answer.error.name;
  throw error;
}
