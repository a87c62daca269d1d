// How docker compose shows its work: --progress, --ansi and --parallel, the variables that stand for them, and which of
// them exclude each other (RootCommand's PersistentPreRunE).

import type { Main } from '../../../userland/libc/stdio.ts';
import type { FlagValues } from '../../cli/command.ts';
import type { ComposeCall } from './call.ts';

type Display = Pick<ComposeCall, 'mode' | 'ansi' | 'parallel'>;

const MODES = ['', 'auto', 'tty', 'plain', 'json', 'quiet', 'none'];

/** The mode of progress: what --progress says, or --ansi where that says nothing. */
function modeOf(progress: string, ansi: string): string | { readonly wrong: string } {
  if (!MODES.includes(progress))
    return { wrong: `unsupported --progress value ${JSON.stringify(progress)}` };
  if (progress === 'tty' && ansi === 'never')
    return { wrong: "can't use --progress tty while ANSI support is disabled" };
  if (progress === 'plain' && ansi === 'always')
    return { wrong: "can't use --progress plain while ANSI support is forced" };
  if (progress === 'none') return 'quiet';
  if (progress !== '' && progress !== 'auto') return progress;
  return ansi === 'never' ? 'plain' : ansi === 'always' ? 'tty' : progress;
}

/** What the flags, wherever they stand, and the environment ask for; a text where they contradict. */
export function displayOf(main: Main, flags: (name: string) => FlagValues): Display | string {
  const { environment } = main.process;
  const chosen = (name: string, variable: string): string | undefined =>
    flags(name).given(name) ? flags(name).text(name) : environment.get(variable);
  let ansi = chosen('ansi', 'COMPOSE_ANSI') ?? 'auto';
  if (flags('no-ansi').on('no-ansi')) {
    if (flags('ansi').given('ansi') && ansi !== 'auto')
      return 'cannot specify DEPRECATED "--no-ansi" and "--ansi". Please use only "--ansi"';
    ansi = 'never';
    main.err.put("option '--no-ansi' is DEPRECATED ! Please use '--ansi' instead.\n");
  }
  const mode = modeOf(chosen('progress', 'COMPOSE_PROGRESS') ?? '', ansi);
  if (typeof mode === 'object') return mode.wrong;
  const limit = chosen('parallel', 'COMPOSE_PARALLEL_LIMIT') ?? '-1';
  if (!/^[+-]?\d+$/.test(limit))
    return `COMPOSE_PARALLEL_LIMIT must be an integer (found: ${JSON.stringify(limit)})`;
  const colored = ansi === 'always' || (ansi === 'auto' && main.process.isTerminal(1));
  return {
    mode,
    ansi: colored && !environment.get('NO_COLOR'),
    parallel: Number(limit) > 0 ? Number(limit) : Number.POSITIVE_INFINITY,
  };
}
