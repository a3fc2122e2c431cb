import { createRequire } from 'node:module';

export const { version } = createRequire(import.meta.url)('../../package.json') as {
  version: string;
};

/** Flags that ask for it. */
export const VERSION_FLAGS: readonly string[] = ['-V', '--version'];
