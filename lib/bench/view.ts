import { ppc64, s390x, type Target, x86_64 } from '../abi/index.ts';
import type { Bench } from './bench.ts';
import { alignedCases } from './view-aligned.ts';
import { arrayCases, elementCases } from './view-arrays.ts';
import { bitCases } from './view-bits.ts';
import { dataViewCases } from './view-foreign.ts';

const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
/** The two byte orders, seen from this machine. */
const [native, foreign]: readonly [Target, Target] = little ? [x86_64, ppc64] : [s390x, x86_64];

export const viewBench: Bench = {
  name: 'view',
  description: 'fields of typed views beside hand-written typed-array and DataView code',
  cases: [
    ...alignedCases(native),
    ...arrayCases(native),
    ...elementCases(native),
    ...bitCases(native),
    ...dataViewCases('unaligned', native, 65),
    ...dataViewCases('other byte order', foreign, 64),
  ],
};
