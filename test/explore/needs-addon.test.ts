// Actors in JavaScript that make calls of the addon: left out at once, in whatever loop they wait for it.
import { expect, test } from 'vitest';
import { runProgram } from '../cli/run.ts';

test.each(['ring/completion-before-head', 'kernel/hand-off-return'])(
  '%s is not explored',
  (name) => {
    const { status, stdout } = runProgram('cli/main.js', ['explore', name]);
    expect(stdout).toContain(`${name}  it needs the addon, whose calls cannot be followed`);
    expect(status).toBe(3);
  },
);
