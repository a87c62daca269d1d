// The `completion` command that cobra programs have: its text and what it refuses. The scripts that it would print are
// not simulated.

import { notSimulated } from '../../userland/libc/stdio.ts';
import type { Command } from './command.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** The completion command of a program; `long` where its usage has a description. */
export function completionCommand(program: string, long: boolean): Command {
  const command: Command = {
    name: 'completion',
    operands: `[${SHELLS.join('|')}]`,
    short: 'Generate completion script',
    arguments: 1,
    validArguments: SHELLS,
    plainUsage: true,
    run: ({ main, args }) => notSimulated(main, `${program} completion ${args.join(' ')}`),
  };
  return long ? { ...command, long: howToLoad(program) } : command;
}

function howToLoad(program: string): string {
  return `To load completions:

Bash:

  $ source <(${program} completion bash)

  # To load completions for each session, execute once:
  # Linux:
  $ ${program} completion bash > /etc/bash_completion.d/${program}
  # macOS:
  $ ${program} completion bash > /usr/local/etc/bash_completion.d/${program}

Zsh:

  # If shell completion is not already enabled in your environment,
  # you will need to enable it.  You can execute the following once:

  $ echo "autoload -U compinit; compinit" >> ~/.zshrc

  # To load completions for each session, execute once:
  $ ${program} completion zsh > "\${fpath[1]}/_${program}"

  # You will need to start a new shell for this setup to take effect.

fish:

  $ ${program} completion fish | source

  # To load completions for each session, execute once:
  $ ${program} completion fish > ~/.config/fish/completions/${program}.fish

PowerShell:

  PS> ${program} completion powershell | Out-String | Invoke-Expression

  # To load completions for every new session, run:
  PS> ${program} completion powershell > ${program}.ps1
  # and source this file from your PowerShell profile.`;
}
