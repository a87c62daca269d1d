// How minikube prints: a line with the prefix of its style, an emoji on a terminal with colours, a plain sign elsewhere
// (pkg/minikube/out, style). Progress that spins is drawn on terminals alone.

import type { Routine } from '../../core/wait.ts';
import type { Main } from '../../userland/libc/stdio.ts';

const INDENT = '  ';
const BULLET = '* ';
const INDENT_BULLET = '  - ';
const WARNING = '! ';
const ERROR = 'X ';

interface Style {
  readonly prefix: string;
  /** Where there are no emoji. */
  readonly low?: string;
  /** Shown by a spinner: on a terminal only. */
  readonly spins?: boolean;
  readonly hides?: boolean;
}

/** The styles by their names in minikube's source. */
const STYLES = {
  AddonDisable: { prefix: '🌑  ' },
  AddonEnable: { prefix: '🌟  ' },
  Caching: { prefix: '🤹  ' },
  Celebrate: { prefix: '🎉  ' },
  CNI: { prefix: '🔗  ' },
  Conflict: { prefix: '💢  ', low: WARNING },
  Containerd: { prefix: '📦  ' },
  Deleted: { prefix: '💀  ' },
  DeletingHost: { prefix: '🔥  ' },
  Docker: { prefix: '🐳  ', spins: true },
  Documentation: { prefix: '📘  ' },
  DryRun: { prefix: '🌵  ' },
  Check: { prefix: '✅  ' },
  Empty: { prefix: '' },
  Internet: { prefix: '🌐  ' },
  Enabling: { prefix: '🔌  ' },
  Failure: { prefix: '❌  ', low: ERROR },
  Fatal: { prefix: '💣  ', low: ERROR },
  Happy: { prefix: '😄  ' },
  HealthCheck: { prefix: '🔎  ' },
  Improvement: { prefix: '💨  ', low: WARNING },
  Issue: { prefix: '    ▪ ', low: INDENT_BULLET },
  Issues: { prefix: '🍿  ' },
  KnownIssue: { prefix: '🧯  ', low: ERROR },
  Kubectl: { prefix: '💗  ' },
  Launch: { prefix: '🚀  ' },
  Meh: { prefix: '🙄  ', low: WARNING },
  Notice: { prefix: '📌  ' },
  Option: { prefix: '    ▪ ', low: INDENT_BULLET },
  Pause: { prefix: '⏸️  ' },
  Pulling: { prefix: '🚜  ' },
  Ready: { prefix: '🏄  ' },
  Resetting: { prefix: '🔄  ' },
  Restarting: { prefix: '🔄  ', spins: true },
  Running: { prefix: '🏃  ', spins: true },
  Sad: { prefix: '😿  ' },
  Shutdown: { prefix: '🛑  ' },
  Shrug: { prefix: '🤷  ' },
  Sparkle: { prefix: '✨  ' },
  StartingSSH: { prefix: '🔗  ' },
  StartingVM: { prefix: '🔥  ', spins: true },
  Stopped: { prefix: '🛑  ' },
  Stopping: { prefix: '✋  ' },
  SubStep: { prefix: '    ▪ ', low: INDENT_BULLET, spins: true, hides: true },
  Success: { prefix: '✅  ' },
  ThumbsDown: { prefix: '👎  ' },
  ThumbsUp: { prefix: '👍  ' },
  Tip: { prefix: '💡  ' },
  URL: { prefix: '👉  ', low: INDENT },
  UnmetRequirement: { prefix: '⛔  ', low: ERROR },
  Unpause: { prefix: '⏯️  ' },
  Verifying: { prefix: '🤔  ' },
  Warning: { prefix: '❗  ', low: WARNING },
  Workaround: { prefix: '👉  ', low: INDENT },
} as const satisfies Readonly<Record<string, Style>>;

export type StyleName = keyof typeof STYLES;

/** True where emoji are wanted: MINIKUBE_IN_STYLE says, else the terminal does. */
function wantsColor({ process }: Main): boolean {
  const given = process.environment.get('MINIKUBE_IN_STYLE') ?? '';
  if (/^(1|t|T|true|TRUE|True)$/.test(given)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(given)) return false;
  const term = process.environment.get('TERM') ?? '';
  const colorTerm = process.environment.get('COLORTERM') ?? '';
  const colorful = term.includes('color') || /truecolor|24bit|yes/.test(colorTerm);
  return colorful && process.isTerminal(2);
}

/** minikube's output. */
export class Output {
  readonly main: Main;
  /** Nothing is said on standard output (docker-env in an eval). */
  silent = false;
  private readonly color: boolean;

  constructor(main: Main) {
    this.main = main;
    this.color = wantsColor(main);
  }

  /** A line with what its style puts before it. */
  styled(name: StyleName, text: string): string {
    const style: Style = STYLES[name];
    const low = style.low ?? (style.prefix.startsWith('  ') ? INDENT : BULLET);
    return `${this.color ? style.prefix : low}${text}\n`;
  }

  /** A line on standard output. */
  *step(name: StyleName, text: string): Routine<void> {
    const style: Style = STYLES[name];
    if (style.spins && !this.main.process.isTerminal(1)) return;
    if (style.hides || this.silent) return;
    yield* this.plain(this.styled(name, text));
  }

  /** A line on standard error. */
  *error(name: StyleName, text: string): Routine<void> {
    yield* this.main.out.flush();
    this.main.err.put(this.styled(name, text));
    yield* this.main.err.flush();
  }

  /** Text as it is. */
  *plain(text: string): Routine<void> {
    if (this.silent) return;
    yield* this.main.out.print(text);
    yield* this.main.out.flush();
  }
}
