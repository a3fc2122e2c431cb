import type { Command } from 'commander';
import { bare, strict } from './bare.ts';
import { mayOpenFewFiles } from './few-files.ts';
import { type CommandName, LISTED, listedProgram } from './listed.ts';
import { loadOneByOne } from './load-one-by-one.ts';

const LOADS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  tour: async () => (await import('./tour.ts')).tourCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
  find: async () => (await import('./find.ts')).findCommand(),
  abi: async () => (await import('./abi/command.ts')).abiCommand(),
  stress: async () => (await import('./stress.ts')).stressCommand(),
  explore: async () => (await import('./explore.ts')).exploreCommand(),
  report: async () => (await import('./report.ts')).reportCommand(),
  trace: async () => (await import('./trace.ts')).traceCommand(),
  completion: async () => (await import('./completion/command.ts')).completionCommand(),
};

/** A command is in a file of its name, or in a folder of that name. */
async function loadSparingly(name: string): Promise<void> {
  const ending = import.meta.url.slice(-'.js'.length);
  for (const path of [name, `${name}/command`]) {
    await loadOneByOne(new URL(`./${path}${ending}`, import.meta.url));
  }
}

async function loaded(name: CommandName): Promise<Command> {
  if (mayOpenFewFiles()) await loadSparingly(name);
  return LOADS[name]();
}

/** The program with all commands. */
export function program(): Promise<Command> {
  return programOf(Object.keys(LISTED) as CommandName[]);
}

/**
 * The program with the commands that are needed where this is its first argument: the one that it names;
 * all for `help`, after which one is named; else they are in the program's own help alone.
 */
export async function programFor(asked: string): Promise<Command> {
  if (asked === 'help') return program();
  return Object.hasOwn(LISTED, asked) ? programOf([asked as CommandName]) : listedProgram();
}

async function programOf(names: readonly CommandName[]): Promise<Command> {
  const command = bare();
  for (const name of names) command.addCommand(await loaded(name));
  return strict(command);
}
