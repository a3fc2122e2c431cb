import { ppc64, s390x, type Target, x86_64 } from '../abi/index.ts';
import type { Bench } from './bench.ts';
import { alignedCases } from './view-aligned.ts';
import { arrayCases, elementCases } from './view-arrays.ts';
import { bitCases } from './view-bits.ts';
import { dataViewCases } from './view-foreign.ts';

const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
/** The two byte orders, seen from this machine. */
const [native, foreign]: readonly [Target, Target] = little ? [x86_64, ppc64] : [s390x, x86_64];

/*
 * Parts, each with a process of its own: two cases that are made by one function share V8's
 * feedback, and a loop over one kind of view would be measured as one over two.
 */

export const viewBench: Bench = {
  name: 'view',
  description: 'fields of typed views beside hand-written typed-array and DataView code',
  cases: [...alignedCases(native), ...arrayCases(native), ...bitCases(native)],
};

export const viewElements: Bench = {
  name: 'view-elements',
  description: 'arrays of structs beside hand-written typed arrays',
  cases: elementCases(native),
};

export const viewUnaligned: Bench = {
  name: 'view-unaligned',
  description: 'fields at odd addresses beside hand-written DataView code',
  cases: dataViewCases('unaligned', native, 65),
};

export const viewOrder: Bench = {
  name: 'view-order',
  description: 'fields in the other byte order beside hand-written DataView code',
  cases: dataViewCases('other byte order', foreign, 64),
};
