import { fileURLToPath } from 'node:url';

/** Parts of this package that run a scenario, or that it calls: lie beside each other, bundled or not. */
const OWN = ['stress', 'abi', 'scenario', 'linearizability'].map((part) =>
  fileURLToPath(new URL(`../${part}/`, import.meta.url)),
);
const FRAME = /^\s+at .*?\(?((?:file:\/\/)?\/[^()]*?|node:[^()]*?):\d+(?::\d+)?\)?$/;

/** Whether a place in the source is of Node or of this package, and says nothing of the scenario. */
export function isOwn(url: string): boolean {
  if (url.startsWith('node:')) return true;
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  return OWN.some((folder) => path.startsWith(folder));
}

/** A stack with the frames of the user's code. One without such a frame stays as it is. */
export function userFrames(stack: string): string {
  const lines = stack.split('\n');
  const urls = lines.map((line) => FRAME.exec(line)?.[1]);
  if (!urls.some((url) => url !== undefined && !isOwn(url))) return stack;
  return lines.filter((_, at) => urls[at] === undefined || !isOwn(urls[at])).join('\n');
}
