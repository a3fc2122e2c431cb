// A process of its own for one way to walk: its pool of threads, its heap, its compiled code.
// node find-walker.js WAY ROOT; walks once for each message, and answers with what it took.
import { WAYS, type Way } from './find-walks.ts';

const [way, root = ''] = process.argv.slice(2);
const walk = WAYS[way as Way]();

process.on('message', async () => {
  const start = performance.now();
  const found = await walk(root);
  process.send?.({ ms: performance.now() - start, ...found });
});
process.on('disconnect', () => process.exit());
