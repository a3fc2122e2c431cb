import { expect, test } from 'vitest';
import { compareAll, programFor } from '../../lib/explore/fuzz/compare.ts';
import { shownProgram } from '../../lib/explore/fuzz/little-program.ts';
import { random } from '../../lib/random.ts';

const PROGRAMS = 120;

// the long version is `npm run explore:fuzz`
test(`engines agree on ${PROGRAMS} random programs`, () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  for (let index = 0; index < PROGRAMS; index++) {
    const little = programFor(random(seed ^ Math.imul(index + 1, 0x9e3779b1)));
    const { differences } = compareAll(little);
    const head = `npm run explore:fuzz -- --seed ${seed} --at ${index}\n${shownProgram(little)}`;
    expect(differences, head).toEqual([]);
  }
});

// what the long version has found, each once
test.each([[11, 405]])('engines agree on --seed %i --at %i', (seed, index) => {
  const little = programFor(random(seed ^ Math.imul(index + 1, 0x9e3779b1)));
  expect(compareAll(little).differences).toEqual([]);
});
