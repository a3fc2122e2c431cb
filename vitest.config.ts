import { configDefaults, defineConfig } from 'vitest/config';
import { SkipReasons } from './test/skip-reasons.ts';

// .ci/run asks for a report in JSON; its totals end up in the last line
const outputFile = process.env.SYSLETS_REPORT;
const jsonReport: ['json', { outputFile: string }][] = outputFile ? [['json', { outputFile }]] : [];

// `npm run test:c` says where it has installed the C library
const installed = process.env.SYSLETS_PREFIX ? [] : ['test/c-library/installed/**'];

// `npm run test:properties` says how often; that many runs take their time
const times = process.env.SYSLETS_TIMES;
const manyRuns = new URL('test/many-runs.ts', import.meta.url).pathname;

export default defineConfig({
  resolve: { alias: times ? [{ find: /^fast-check$/, replacement: manyRuns }] : [] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...installed],
    // A process per file: a thread whose user context has moved, a signal disposition or dropped
    // credentials never reach the next file.
    pool: 'forks',
    isolate: true,
    execArgv: ['--expose-gc'],
    // A hang costs that much; a test that runs compilers takes half of it on a loaded machine.
    testTimeout: times ? 0 : 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 10_000,
    // a page hears of the mouse when it can
    expect: { poll: { timeout: 20_000 } },
    reporters: ['default', new SkipReasons(), ...jsonReport],
  },
});
