/** The two classes of the platform, where a test environment (jest with jsdom) hides Node's own. */
export const { TextDecoder, TextEncoder } = platform();

type Platform = Pick<typeof globalThis, 'TextDecoder' | 'TextEncoder'>;

interface NodeProcess {
  readonly getBuiltinModule?: (name: 'node:util') => Platform;
}

function platform(): Platform {
  if ('TextDecoder' in globalThis && 'TextEncoder' in globalThis) return globalThis;
  const { process } = globalThis as { readonly process?: NodeProcess };
  return process?.getBuiltinModule?.('node:util') ?? globalThis;
}
