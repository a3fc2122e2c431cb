import { Argument, Command } from 'commander';
import type { CommandFacts } from '../describe.ts';
import type { Names } from './values.ts';

const HELP = `
Prints a script that a shell reads; nothing is written to a file. The script holds the commands, options,
targets and scenarios of this version, so that a Tab starts no Node: make it again after an update.
Where no name is known, files are offered.

Examples:
  syslets completion bash > ~/.local/share/bash-completion/completions/syslets
  source <(syslets completion bash)      # in ~/.bashrc, without the package bash-completion
  syslets completion zsh > ~/.zfunc/_syslets    # fpath+=~/.zfunc before compinit, in ~/.zshrc
  source <(syslets completion zsh)       # after compinit, in ~/.zshrc
  syslets completion fish > ~/.config/fish/completions/syslets.fish`;

type Render = (program: CommandFacts, names: Names) => string;

const SHELLS: Readonly<Record<string, () => Promise<Render>>> = {
  bash: async () => (await import('./bash.ts')).bashScript,
  zsh: async () => (await import('./zsh.ts')).zshScript,
  fish: async () => (await import('./fish.ts')).fishScript,
};

/** `syslets completion`. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('print a script with which a shell completes this program')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .addHelpText('after', HELP)
    .action(completion);
}

async function completion(shell: string): Promise<void> {
  const { program } = await import('../commands.ts');
  const { describe } = await import('../describe.ts');
  const { allNames } = await import('./names.ts');
  const render = await (SHELLS[shell] as () => Promise<Render>)();
  process.stdout.write(render(describe(await program()), await allNames()));
}
