/** Why the addon is not loaded by what runs this program, and what to do. */
export interface NoAddonHere {
  readonly reason: string;
  readonly remedy: string;
}

const USE_NODE = 'Run the program with Node.js, 20.17 or later';

/**
 * Runtimes other than Node that load Node's addons, and this one wrongly. Asked before the addon is
 * loaded: that alone installs signal handlers.
 */
export function foreignRuntime(versions: NodeJS.ProcessVersions): NoAddonHere | undefined {
  if (versions.bun !== undefined) {
    const reason = `this is Bun ${versions.bun}, whose values are no V8 handles: the process would abort when the addon takes the memory of a buffer`;
    return { reason, remedy: USE_NODE };
  }
  if (versions.deno !== undefined) {
    const reason = `this is Deno ${versions.deno}, which has no libuv: the addon calls its functions`;
    return { reason, remedy: USE_NODE };
  }
  return undefined;
}

/** What Node's permission model says of an addon that may not be loaded. */
export const ADDONS_DISABLED: NoAddonHere = {
  reason: 'Node runs with --permission, which does not allow addons',
  remedy:
    'With --allow-addons it is loaded; its calls then obey the kernel alone, not --allow-fs-read and ' +
    'the like (docs/posix.md, "Where it runs")',
};
