// Runs scenarios for a test, in a process of its own: Vitest's workers may be contexts of node:vm,
// in which neither a scenario nor what loads it runs as it does elsewhere.
import {
  areStructures,
  checkStructureConfig,
  DEFAULT_CONFIG,
  discover,
  prepareHost,
  runStress,
} from '../stress/index.ts';
import { DEFAULT_MS, type RunAnswer, type RunRequest } from './run-request.ts';

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
    const isOfStructures = areStructures(found);
    if (isOfStructures) checkStructureConfig('config', request.config ?? {});
    const { timeMs = isOfStructures ? DEFAULT_MS.structure : DEFAULT_MS.scenario } = request;
    const config = request.config && { ...DEFAULT_CONFIG, ...request.config };
    const all = { ...request, config, timeMs: timeMs * found.length };
    return { result: await runStress(found, all) };
  }
  // only where it is needed: it takes its time to load
  const { explore } = await import('../explore/index.ts');
  return { result: explore(found, request.options) };
}
