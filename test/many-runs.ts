// Stands for fast-check in `npm run test:properties`: each property is run SYSLETS_TIMES times as often as
// its test says, and without the limit of time that some have.

import fc from '../node_modules/fast-check/lib/fast-check.js';

const USUAL_RUNS = 100; // of fast-check

const many = (
  property: fc.IRawProperty<unknown>,
  { interruptAfterTimeLimit, ...options }: fc.Parameters<unknown> = {},
) =>
  fc.assert(property, {
    ...options,
    numRuns: (options.numRuns ?? USUAL_RUNS) * Number(process.env.SYSLETS_TIMES),
  });

export * from '../node_modules/fast-check/lib/fast-check.js';
// biome-ignore lint/style/noDefaultExport: fast-check has one
export default { ...fc, assert: many };
