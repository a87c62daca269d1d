// Why minikube exits: the reasons with their exit statuses (pkg/minikube/reason), and how one is told.

import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { sha1 } from '../../etcd/server/sha1.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import type { Output, StyleName } from './output.ts';
import { cellsOf } from './table.ts';

interface Reason {
  readonly exit: number;
  readonly style?: StyleName;
  readonly advice?: string;
  readonly url?: string;
}

const REASONS = {
  DRV_AS_ROOT: { exit: 57 },
  DRV_NOT_DETECTED: { exit: 55 },
  DRV_NOT_FOUND: { exit: 55 },
  DRV_UNSUPPORTED_OS: { exit: 56 },
  ENV_DRIVER_CONFLICT: { exit: 51 },
  ENV_MULTINODE_CONFLICT: { exit: 81 },
  GUEST_DRIVER_MISMATCH: { exit: 81, style: 'Conflict' },
  GUEST_IMAGE_LOAD: { exit: 80 },
  GUEST_PROVISION: { exit: 80 },
  GUEST_NODE_DELETE: { exit: 80 },
  GUEST_NODE_RETRIEVE: { exit: 85 },
  GUEST_IMAGE_PULL: { exit: 80 },
  GUEST_IMAGE_REMOVE: { exit: 80 },
  GUEST_START: { exit: 80 },
  HOST_PATH_MISSING: { exit: 35 },
  K8S_DOWNGRADE_UNSUPPORTED: { exit: 106, style: 'Conflict' },
  K8S_NEW_UNSUPPORTED: { exit: 106 },
  K8S_OLD_UNSUPPORTED: { exit: 106 },
  MK_ADDON_DISABLE: { exit: 10 },
  MK_ADDON_ENABLE: { exit: 10 },
  MK_ADDON_ENABLE_PAUSED: { exit: 11 },
  MK_ADDON_DISABLE_PAUSED: { exit: 11 },
  MK_CONFIG_SET: { exit: 10 },
  MK_STATUS_TEXT: { exit: 10 },
  HOST_BROWSER: { exit: 30 },
  MK_CONFIG_UNSET: { exit: 10 },
  RUNTIME_ENABLE: { exit: 90 },
  SVC_CHECK_TIMEOUT: { exit: 112 },
  GUEST_PAUSE: { exit: 80 },
  GUEST_UNPAUSE: { exit: 80 },
  GUEST_IMAGE_LIST: { exit: 80 },
  GUEST_IMAGE_BUILD: { exit: 80 },
  GUEST_IMAGE_PUSH: { exit: 80 },
  GUEST_IMAGE_SAVE: { exit: 80 },
  GUEST_IMAGE_TAG: { exit: 80 },
  MK_OUTPUT_USAGE: { exit: 10 },
  MK_USAGE: { exit: 14 },
  MK_USAGE_NO_PROFILE: {
    exit: 14,
    style: 'Caching',
    advice: "You can create one using 'minikube start'.\n\t\t",
  },
  PROVIDER_DOCKER_NOT_FOUND: {
    exit: 65,
    style: 'Shrug',
    advice: 'Install Docker',
    url: 'https://minikube.sigs.k8s.io/docs/drivers/docker/',
  },
  RSRC_INSUFFICIENT_CORES: { exit: 29, style: 'UnmetRequirement' },
  RSRC_INSUFFICIENT_REQ_MEMORY: { exit: 23, style: 'UnmetRequirement' },
  SVC_NOT_FOUND: { exit: 115 },
  SVC_UNREACHABLE: { exit: 115 },
  SVC_ADDON_UNSUPPORTED: { exit: 116 },
  TUNNEL_ALREADY_RUNNING: { exit: 111 },
} as const satisfies Readonly<Record<string, Reason>>;

export type ReasonId = keyof typeof REASONS;

/** Ends the running command with an exit status; what there is to say has been said. */
export class Exit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit status ${status}`);
    this.status = status;
  }
}

function indented(text: string): string {
  if (!text.includes('\n')) return text;
  return ['\n', ...text.split('\n').map((line) => `    ${line.trim()}`)].join('\n');
}

/** minikube's own log of a command: its name has a hash of the user and the words in it; here nothing is written to it. */
function logFile({ process, args }: Main): string {
  const words = args.filter((word, i) => {
    const before = args[i - 1] ?? '';
    return (
      !word.startsWith('-') && !/^(-p|--profile|-o|--output|-n|--format|--shell)$/.test(before)
    );
  });
  const user = process.environment.get('USER') ?? (process.uid === 0 ? 'root' : 'ana');
  const digest = sha1(encode([user, ...words].join('')));
  const hex = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `/tmp/minikube_${words[0] ?? ''}_${hex}_0.log`;
}

/** Where to report what nobody expected, in a box. */
function helpBox(out: Output): string {
  const { main } = out;
  const lines = [
    out.styled('Sad', 'If the above advice does not help, please let us know:'),
    out.styled('URL', 'https://github.com/kubernetes/minikube/issues/new/choose'),
    '\n',
    out.styled(
      'Empty',
      'Please run `minikube logs --file=logs.txt` and attach logs.txt to the GitHub issue.',
    ),
  ];
  if (main.args.find((word) => !word.startsWith('-')) !== 'start')
    lines.push(
      out.styled('Empty', 'Please also attach the following file to the GitHub issue:'),
      out.styled('Empty', `- ${logFile(main)}`),
    );
  const texts = lines.join('').trimEnd().split('\n');
  const width = Math.max(...texts.map((line) => cellsOf(line))) + 8;
  const row = (text: string): string => `│    ${text}${' '.repeat(width - 4 - cellsOf(text))}│\n`;
  const bar = '─'.repeat(width);
  const empty = `│${' '.repeat(width)}│\n`;
  return `╭${bar}╮\n${empty}${texts.map(row).join('')}${empty}╰${bar}╯\n`;
}

/** Tells a reason and ends the command (exit.Message); `unexpected` adds where to report it (exit.Error). */
export function* exitWith(
  out: Output,
  id: ReasonId,
  message: string,
  unexpected = false,
): Routine<never> {
  const reason: Reason = REASONS[id];
  yield* out.plain('\n');
  yield* out.error(reason.style ?? 'Failure', `Exiting due to ${id}: ${message}`);
  if (reason.advice) yield* out.error('Tip', `Suggestion: ${indented(reason.advice)}`);
  if (reason.url) yield* out.error('Documentation', `Documentation: ${reason.url}`);
  if (unexpected) {
    yield* out.error('Empty', '');
    out.main.err.put(helpBox(out));
    yield* out.main.err.flush();
  }
  yield* out.plain('\n');
  throw new Exit(reason.exit);
}
