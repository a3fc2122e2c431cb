import { types } from 'node:util';
import { shown } from '../check.ts';
import type { Fail } from './check-record.ts';
import type { OutcomeRow } from './outcome.ts';
import type { AnyDefinition } from './scenario.ts';

const EXPECTS = ['acceptable', 'interesting', 'forbidden'];

/** Throws unless every row can match and has a reason. */
export function checkOutcomes({ outcomes, result }: AnyDefinition, fail: Fail): void {
  if (!Array.isArray(outcomes) || outcomes.length === 0) {
    fail('outcomes is empty: say what is acceptable, interesting or forbidden, and why');
  }
  const registers = Object.keys(result);
  for (const [index, row] of outcomes.entries()) {
    checkRow(row, registers, (what) => fail(`outcomes[${index}]: ${what}`));
  }
}

function checkRow(row: OutcomeRow, registers: readonly string[], fail: Fail): void {
  if (!EXPECTS.includes(row?.expect)) {
    fail(`expected acceptable(…), interesting(…) or forbidden(…), found ${shown(row)}`);
  }
  if (typeof row.reason !== 'string' || row.reason.trim() === '') {
    fail(`${shown(row.outcome)} has no reason: say why it is ${row.expect}`);
  }
  if (row.model !== undefined && row.model !== 'allowed' && row.model !== 'forbidden') {
    fail(`model is ${shown(row.model)}, expected 'allowed' or 'forbidden'`);
  }
  checkWitness(row, fail);
  checkMatch(row.outcome, registers, fail);
}

function checkWitness({ witness, expect }: OutcomeRow, fail: Fail): void {
  if (witness === undefined || witness === false) return;
  if (expect === 'forbidden') fail('a forbidden outcome is a witness: nothing could pass');
  const isList = Array.isArray(witness) && witness.every((arch) => typeof arch === 'string');
  if (witness === true || isList) return;
  fail(`witness is ${shown(witness)}, expected true or a list of processors such as ['arm64']`);
}

function checkMatch(outcome: unknown, registers: readonly string[], fail: Fail): void {
  if (types.isRegExp(outcome)) checkFlags(outcome, fail);
  else if (typeof outcome === 'string') checkText(outcome, registers, fail);
  else checkValues(outcome, registers, fail);
}

function checkValues(outcome: unknown, registers: readonly string[], fail: Fail): void {
  if (typeof outcome !== 'object' || outcome === null) {
    fail(`an outcome is ${shown(outcome)}, expected a text such as '1, 0', a RegExp or values`);
  }
  const strange = Object.keys(outcome).find((name) => !registers.includes(name));
  if (strange === undefined) return;
  fail(`there is no register ${shown(strange)} (registers: ${registers.join(', ')})`);
}

// A pattern with g or y remembers where it matched last.
function checkFlags({ flags }: RegExp, fail: Fail): void {
  if (/[gy]/.test(flags)) fail(`a pattern has the flags ${shown(flags)}, expected none of g and y`);
}

function checkText(text: string, registers: readonly string[], fail: Fail): void {
  const count = text.split(', ').length;
  if (count === registers.length) return;
  fail(
    `${shown(text)} has ${count} values, expected ${registers.length}: ${registers.join(', ')} with ', ' between them`,
  );
}
