import type { Command } from 'commander';
import { StressError } from '../stress/index.ts';

/** The options that were given for one use of the command. */
export interface Given {
  readonly has: (name: string) => boolean;
  /** @throws StressError with the first that has no meaning there: none is left out in silence. */
  readonly only: (known: string, why: string) => void;
}

export function givenTo(command: Command): Given {
  const names = command.options.map((option) => option.attributeName());
  const given = names.filter((name) => command.getOptionValueSource(name) === 'cli');
  const has = (name: string) => given.includes(name);
  const only = (known: string, why: string) => {
    const strange = given.find((name) => !known.split(' ').includes(name));
    if (strange !== undefined) throw new StressError(`${flagOf(strange)} ${why}`);
  };
  return { has, only };
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
