import { fileURLToPath } from 'node:url';

/** Parts of this package that run a scenario, or that it calls: lie beside each other, bundled or not. */
const OWN = ['stress', 'abi', 'load', 'scenario', 'linearizability'].map((part) =>
  fileURLToPath(new URL(`../${part}/`, import.meta.url)),
);
const FRAME = /^\s+at .*?\(?((?:file:\/\/)?\/[^()]*?|node:[^()]*?):\d+(?::\d+)?\)?$/;

/** Code that was made from text: where that was done. */
const EVAL = /\(eval at [^()]* \(((?:file:\/\/)?\/[^()]*?):\d+:\d+\)/;

/** Whether a place in the source is of Node or of this package, and says nothing of the scenario. */
export function isOwn(url: string): boolean {
  // text that the debugger has no file of is what this package makes of fields
  if (url === '' || url.startsWith('node:')) return true;
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  return OWN.some((folder) => path.startsWith(folder));
}

/** A stack with the frames of the user's code. One without such a frame stays as it is. */
export function userFrames(stack: string): string {
  const lines = stack.split('\n');
  const urls = lines.map((line) => (EVAL.exec(line) ?? FRAME.exec(line))?.[1]);
  if (!urls.some((url) => url !== undefined && !isOwn(url))) return stack;
  return lines.filter((_, at) => urls[at] === undefined || !isOwn(urls[at])).join('\n');
}
