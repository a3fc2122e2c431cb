import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whyNotFetched } from '../fetched.ts';

const TOOLS = fileURLToPath(new URL('./tools', import.meta.url));

/** A file of a package that users' projects have, and this one has not. */
export function tool(path: string): string {
  return join(TOOLS, 'node_modules', path);
}

/** They are fetched at first; why they are not there. */
export function whyNoTools(): string | undefined {
  return whyNotFetched(TOOLS, 'jest, webpack and an older TypeScript');
}
