// setpriv(1): runs a program with other ids, groups, capabilities, securebits or no_new_privs.

import type { Errno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { signalInfo, signalNumber } from '../../../kernel/signals.ts';
import { CAPABILITIES, SECBIT_KEEP_CAPS } from '../../../kernel/task/credentials.ts';
import { type Accounts, readAccounts, type User } from '../../libc/accounts.ts';
import { capabilityByName, nameList } from './capability-text.ts';
import { runCommand, tool, type Tool } from './tool.ts';

const ALL = (1n << 41n) - 1n;

/** `+chown,-kill`, `-all`: a set changed. */
function changedSet(text: string, set: bigint): bigint | string {
  let out = set;
  for (const word of text.split(',')) {
    const name = word.slice(1);
    if (!/^[+-]/.test(word)) return 'bad capability string';
    const bits = name === 'all' ? ALL : capabilityByName(name);
    if (bits === undefined) return `unknown capability "${name}"`;
    out = word.startsWith('+') ? out | bits : out & ~bits;
  }
  return out;
}

function names(set: bigint): string {
  return set === 0n ? '[none]' : nameList(set).replaceAll('cap_', '');
}

const SECUREBITS: Readonly<Record<string, number>> = {
  noroot: 0x1,
  noroot_locked: 0x2,
  no_setuid_fixup: 0x4,
  no_setuid_fixup_locked: 0x8,
  keep_caps_locked: 0x20,
};

function securebitNames(bits: number): string {
  const known = Object.entries(SECUREBITS).filter(([, bit]) => bits & bit);
  const rest = bits & ~known.reduce((sum, [, bit]) => sum | bit, SECBIT_KEEP_CAPS);
  const words = known.map(([name]) => name);
  if (rest) words.push(`0x${rest.toString(16)}`);
  return words.join(',') || '[none]';
}

function* dump(main: Tool): ProgramRun {
  const { process } = main;
  const level = main.options.list.length;
  const { credentials } = process.task;
  const { inheritable, ambient, bounding, effective, permitted } = process.capabilities;
  const { parentDeathSignal } = process.task.leader.process;
  yield* main.out.print(
    `uid: ${process.uid}\neuid: ${process.euid}\n` +
      (level > 2 ? `suid: ${credentials.user.uidFromKernel(credentials.suid)}\n` : '') +
      `gid: ${process.gid}\negid: ${process.egid}\n` +
      (level > 2 ? `sgid: ${credentials.user.gidFromKernel(credentials.sgid)}\n` : '') +
      `Supplementary groups: ${process.groups.join(',') || '[none]'}\n` +
      `no_new_privs: ${credentials.noNewPrivileges ? 1 : 0}\n` +
      (level > 1
        ? `Effective capabilities: ${names(effective)}\nPermitted capabilities: ${names(permitted)}\n`
        : '') +
      `Inheritable capabilities: ${names(inheritable)}\n` +
      `Ambient capabilities: ${names(ambient)}\nCapability bounding set: ${names(bounding)}\n` +
      `Securebits: ${securebitNames(process.securebits)}\n` +
      `Parent death signal: ${signalInfo(parentDeathSignal ?? 0)?.name ?? '[none]'}\n`,
  );
  return 0;
}

/** What is asked for, every word of it understood. */
interface Wishes {
  readonly ruid: number | undefined;
  readonly euid: number | undefined;
  readonly rgid: number | undefined;
  readonly egid: number | undefined;
  readonly user: User | undefined;
  readonly groups: readonly number[] | undefined;
  readonly securebits: number | undefined;
  readonly death: number | undefined;
}

function readSecurebits(text: string, before: number): number | string {
  let bits = before;
  for (const word of text.split(',')) {
    const name = word.slice(1);
    const on = word.startsWith('+');
    if (!/^[+-]/.test(word)) return 'bad securebits string';
    if (name === 'all' && on) return '+all securebits is not allowed';
    if (name === 'keep_caps') return 'adjusting keep_caps does not make sense';
    const bit = name === 'all' ? 0xff : SECUREBITS[name];
    if (bit === undefined) return 'unrecognized securebit';
    bits = on ? bits | bit : bits & ~bit;
  }
  return bits | SECBIT_KEEP_CAPS;
}

/** The words understood; a text is the first that is not. */
function readWishes({ options, process }: Tool, accounts: Accounts): Wishes | string {
  const wrong: string[] = [];
  const readNumber = (text: string, what: string): number => {
    if (!/^[+-]?\d+$/.test(text)) wrong.push(`${what}: '${text}'`);
    return Number(text);
  };
  const userNamed = (key: string): number | undefined => {
    const text = options.value(key);
    if (text === undefined) return undefined;
    return accounts.userByName(text)?.uid ?? readNumber(text, `failed to parse ${key}`);
  };
  const groupNamed = (text: string, what: string): number =>
    accounts.groupByName(text)?.gid ?? readNumber(text, what);
  const group = (key: string): number | undefined => {
    const text = options.value(key);
    return text === undefined ? undefined : groupNamed(text, `failed to parse ${key}`);
  };
  const ruid = userNamed('reuid') ?? userNamed('ruid');
  const regid = group('regid');
  const death = options.value('death');
  const signal = death === 'clear' ? 0 : signalNumber((death ?? '').replace(/^SIG/, ''));
  if (death !== undefined && death !== 'keep' && signal === undefined)
    wrong.push(`unknown signal: ${death}`);
  const bitText = options.value('securebits');
  const securebits =
    bitText === undefined ? undefined : readSecurebits(bitText, process.securebits);
  if (typeof securebits === 'string') wrong.push(securebits);
  const wishes = {
    ruid,
    euid: userNamed('reuid') ?? userNamed('euid'),
    rgid: regid ?? group('rgid'),
    egid: regid ?? group('egid'),
    user: ruid === undefined ? undefined : accounts.userById(ruid),
    groups: options
      .value('groups')
      ?.split(',')
      .map((word) => groupNamed(word, 'Invalid supplementary group id')),
    securebits: typeof securebits === 'string' ? undefined : securebits,
    death: signal,
  };
  return wrong[0] ?? wishes;
}

/** What does not go together. */
function contradiction({ options, operands }: Tool, wishes: Wishes): string | undefined {
  if (operands.length === 0) return 'No program specified';
  const grouped = ['clear', 'keep', 'init', 'groups'].some((key) => options.has(key));
  if ((wishes.rgid !== undefined || wishes.egid !== undefined) && !grouped)
    return '--[re]gid requires --keep-groups, --clear-groups, --init-groups, or --groups';
  if (!options.has('init')) return undefined;
  if (wishes.ruid === undefined) return '--init-groups requires --ruid or --reuid';
  if (!wishes.user)
    return `uid ${wishes.ruid} not found, --init-groups requires an user that can be found on the system`;
  return undefined;
}

/** Ids and groups, in the order in which they can still be changed. */
function changeIds({ options, process }: Tool, wishes: Wishes, accounts: Accounts): Errors {
  const { ruid, euid, rgid, egid, user } = wishes;
  let failure: Errno | undefined;
  if (ruid !== undefined || euid !== undefined) {
    const { effective } = process.capabilities;
    const saved = euid ?? process.euid;
    failure = process.setresuid({ real: ruid, effective: euid, saved });
    if (failure) return `setresuid failed: ${failure.message}`;
    // Kept capabilities are only permitted now.
    process.setCapabilities({ effective: effective & process.capabilities.permitted });
  }
  if (rgid !== undefined || egid !== undefined) {
    failure = process.setresgid({ real: rgid, effective: egid, saved: egid ?? process.egid });
    if (failure) return `setresgid failed: ${failure.message}`;
  }
  if (options.has('init')) {
    failure = process.setgroups(user ? accounts.groupsOf(user.name, user.gid) : []);
    return failure && `initgroups failed: ${failure.message}`;
  }
  if (options.has('clear')) failure = process.setgroups([]);
  else if (wishes.groups) failure = process.setgroups(wishes.groups);
  return failure && `setgroups failed: ${failure.message}`;
}

type Errors = string | undefined;

function* changeCapabilities(main: Tool): ProgramRun {
  const { options, process } = main;
  const sets = [
    ['bounding', 'bounding'],
    ['inh', 'inheritable'],
    ['ambient', 'ambient'],
  ] as const;
  for (const [key, field] of sets) {
    const text = options.value(key);
    if (text === undefined) continue;
    const wanted = changedSet(text, process.capabilities[field]);
    if (typeof wanted === 'string') return yield* main.stop(wanted);
    if (field === 'ambient') {
      // Each is raised by itself, and one that cannot be is left out without a word.
      const { permitted, inheritable } = process.capabilities;
      process.setCapabilities({ ambient: wanted & permitted & inheritable });
      continue;
    }
    const failure = process.setCapabilities({ [field]: wanted });
    if (failure) {
      const step = field === 'bounding' ? 'apply bounding set' : 'apply capabilities';
      return yield* main.stop(`${step}: ${failure.message}`, 127);
    }
  }
  return 0;
}

/** --reset-env: what remains of the environment. */
function freshEnvironment(main: Tool, user: User | undefined): Map<string, string> {
  const term = main.process.environment.get('TERM');
  const root = user?.uid === 0;
  return new Map([
    ...(term === undefined ? [] : [['TERM', term] as const]),
    ['SHELL', user?.shell || '/bin/sh'],
    ['HOME', user?.home ?? '/'],
    ['USER', user?.name ?? ''],
    ['LOGNAME', user?.name ?? ''],
    [
      'PATH',
      root
        ? '/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin'
        : '/usr/local/bin:/bin:/usr/bin',
    ],
  ]);
}

function* apply(main: Tool): ProgramRun {
  const { options, operands, process } = main;
  const accounts = yield* readAccounts(process);
  const wishes = readWishes(main, accounts);
  if (typeof wishes === 'string') return yield* main.stop(wishes);
  const wrong = contradiction(main, wishes);
  if (wrong !== undefined) return yield* main.stop(wrong);
  const environment = options.has('reset')
    ? freshEnvironment(main, wishes.user ?? accounts.userById(process.uid))
    : process.environment;
  if (options.has('nnp')) process.setNoNewPrivileges();
  process.setKeepCapabilities(true);
  let failure = changeIds(main, wishes, accounts);
  if (failure === undefined && wishes.securebits !== undefined) {
    const refused = process.setSecurebits(wishes.securebits);
    failure = refused && `set process securebits failed: ${refused.message}`;
  }
  if (failure !== undefined) return yield* main.stop(failure, 127);
  const status = yield* changeCapabilities(main);
  if (status !== 0) return status;
  if (wishes.death !== undefined) process.setParentDeathSignal(wishes.death);
  return yield* runCommand(main, operands, environment);
}

export const setpriv = tool(
  {
    name: 'setpriv',
    usage: ['[options] <program> [<argument>...]'],
    posixly: true,
    about: 'Run a program with different privilege settings.',
    options: [
      { key: 'dump', short: 'd', long: 'dump' },
      { key: 'nnp', long: 'nnp no-new-privs' },
      { key: 'ambient', long: 'ambient-caps', argument: 'required' },
      { key: 'inh', long: 'inh-caps', argument: 'required' },
      { key: 'bounding', long: 'bounding-set', argument: 'required' },
      { key: 'list', long: 'list-caps' },
      { key: 'ruid', long: 'ruid', argument: 'required' },
      { key: 'euid', long: 'euid', argument: 'required' },
      { key: 'rgid', long: 'rgid', argument: 'required' },
      { key: 'egid', long: 'egid', argument: 'required' },
      { key: 'reuid', long: 'reuid', argument: 'required' },
      { key: 'regid', long: 'regid', argument: 'required' },
      { key: 'clear', long: 'clear-groups' },
      { key: 'keep', long: 'keep-groups' },
      { key: 'init', long: 'init-groups' },
      { key: 'groups', long: 'groups', argument: 'required' },
      { key: 'securebits', long: 'securebits', argument: 'required' },
      { key: 'death', long: 'pdeathsig', argument: 'required' },
      { key: 'reset', long: 'reset-env' },
    ],
    missing: [
      { key: 'selinux-label', long: 'selinux-label', argument: 'required' },
      { key: 'apparmor-profile', long: 'apparmor-profile', argument: 'required' },
    ],
  },
  function* (main) {
    const { options, operands } = main;
    if (options.has('dump')) {
      if (operands.length > 0 || options.list.some(([key]) => key !== 'dump'))
        return yield* main.stop('--dump is incompatible with all other options');
      return yield* dump(main);
    }
    if (options.has('list')) {
      if (operands.length > 0 || options.list.length > 1)
        return yield* main.stop('--list-caps must be specified alone');
      yield* main.out.print(`${CAPABILITIES.join('\n')}\n`);
      return 0;
    }
    return yield* apply(main);
  },
);
