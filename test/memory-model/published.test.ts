import { expect, test } from 'vitest';
import { emmeTests } from './emme.ts';
import { allowed } from './published.ts';
import { wattTests } from './watt.ts';

test.each(wattTests)('Watt et al.: $name is $verdict', ({ agents, final, outcome, verdict }) => {
  const { outcomes, isComplete } = allowed(agents, final);
  expect(isComplete).toBe(true);
  expect(outcomes.includes(outcome) ? 'allowed' : 'forbidden').toBe(verdict);
});

test.each(emmeTests)('EMME: $name', ({ agents, outcomes }) => {
  const found = allowed(agents);
  expect(found).toMatchObject({ isComplete: true, outcomes: [...outcomes].sort() });
});
