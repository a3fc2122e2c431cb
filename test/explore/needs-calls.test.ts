// Actors in JavaScript that make calls: left out at once, in whatever loop they wait for the kernel side.
import { expect, test } from 'vitest';
import { runProgram } from '../cli/run.ts';

test.each(['ring/completion-before-head', 'kernel/hand-off-return'])(
  '%s is not explored',
  (name) => {
    const { status, stdout } = runProgram('cli/main.js', ['explore', name]);
    expect(stdout).toContain(`${name}  it makes calls, which cannot be followed`);
    expect(status).toBe(3);
  },
);
