/** Why something cannot be had from what runs this program, and what to do. */
export interface NotHere {
  readonly reason: string;
  readonly remedy: string;
}

/**
 * Why there is no event loop of libuv's, by which `sys` hears of completions: undefined in Node. Asked
 * before any of its functions is called: Bun has them by name, and ends the process.
 */
export function noEventLoop(versions: NodeJS.ProcessVersions): NotHere | undefined {
  const name = versions.bun ? `Bun ${versions.bun}` : versions.deno ? `Deno ${versions.deno}` : '';
  if (name === '') return undefined;
  return {
    reason: `this is ${name}, which has no event loop of libuv's`,
    remedy:
      'Use Kernel and its ring on shared memory (docs/posix.md, "Where it runs"), or run the program ' +
      'with Node.js, 20.17 or later',
  };
}

/** What Node's permission model says of an addon that may not be loaded. */
export const ADDONS_DISABLED: NotHere = {
  reason: 'Node runs with --permission, which does not allow addons',
  remedy:
    'With --allow-addons it is loaded; its calls then obey the kernel alone, not --allow-fs-read and ' +
    'the like (docs/posix.md, "Where it runs")',
};
