import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A process per file: a thread whose user context has moved, a signal disposition or dropped
    // credentials never reach the next file.
    pool: 'forks',
    isolate: true,
    execArgv: ['--expose-gc'],
    testTimeout: 30_000,
    teardownTimeout: 10_000,
  },
});
