// Runs scenarios for a test, in a process of its own: Vitest's workers may be contexts of node:vm,
// in which neither a scenario nor what loads it runs as it does elsewhere.
import { discover, prepareHost, runStress } from '../stress/index.ts';
import type { RunAnswer, RunRequest } from './run-request.ts';

process.once('message', (request: RunRequest) => void answer(request));
const leave = () => process.exit(1);
process.once('disconnect', leave);
if (!process.connected) leave();

async function answer(request: RunRequest): Promise<void> {
  const message: RunAnswer = await run(request).catch(({ name, message: text }: Error) => ({
    error: { name, message: text },
  }));
  process.send?.(message, undefined, undefined, () => process.exit(0));
}

async function run(request: RunRequest): Promise<RunAnswer> {
  // its threads start while the file is loaded
  if (request.kind === 'stress') prepareHost();
  const { path, params } = request;
  const choice = Object.entries(params).map(([name, value]) => [name, [String(value)]] as const);
  const found = await discover([path], { params: new Map(choice) });
  if (request.kind === 'stress') {
    const timeMs = request.timeMs * found.length;
    return { result: await runStress(found, { ...request, timeMs }) };
  }
  // only where it is needed: it takes its time to load
  const { explore } = await import('../explore/index.ts');
  return { result: explore(found, request.options) };
}
