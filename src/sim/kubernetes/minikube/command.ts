// minikube's commands as cobra finds them: the words that name one, its flags, what a mistake reads like.

import type { Routine } from '../../core/wait.ts';
import { type Flag, type FlagValues, parseFlags } from '../../etcd/cobra/flags.ts';
import { type Main, notSimulated } from '../../userland/libc/stdio.ts';
import type { ProfileContext } from './cluster.ts';
import { OPTIONS_TEXT } from './help/options.ts';
import { flagsOfPage, helpText, pageOf, rootHelp, rootUsage } from './help/text.ts';
import { Output } from './output.ts';
import { loadSettings, type Settings } from './profile.ts';
import { Exit, exitWith } from './reasons.ts';

const MK_USAGE_STATUS = 14;

/** A flag in short: `name short kind default`; nothing it does not do is listed as known. */
export function flag(
  name: string,
  kind: Flag['kind'],
  value: string,
  short?: string,
  bare?: string,
): Flag {
  return {
    name,
    kind,
    value,
    usage: '',
    ...(short === undefined ? {} : { short }),
    ...(bare === undefined ? {} : { bare }),
  };
}

/** One of minikube's commands. */
export interface Command {
  /** `addons enable`. */
  readonly path: string;
  readonly flags: readonly Flag[];
  /** Flags that are known and that nothing here does. */
  readonly idle?: readonly string[];
  /** Everything after the name belongs to another program, once `--` or a word was read. */
  readonly passesOn?: boolean;
  run(call: Call): Routine<number | void>;
}

/** A running command. */
export interface Call extends ProfileContext {
  readonly values: FlagValues;
  readonly args: readonly string[];
}

/** Flags of every command. */
const GLOBAL: readonly Flag[] = [
  flag('profile', 'string', 'minikube', 'p'),
  flag('bootstrapper', 'string', 'kubeadm', 'b'),
  flag('user', 'string', ''),
  flag('skip-audit', 'bool', 'false'),
  flag('rootless', 'bool', 'false'),
  flag('alsologtostderr', 'bool', 'false'),
  flag('logtostderr', 'bool', 'false'),
  flag('v', 'int', '0', 'v'),
];
/** What of these has an effect that is left out. */
const GLOBAL_IDLE = ['alsologtostderr', 'logtostderr', 'v', 'rootless'];

/** The command that the first words name, the longest name first; flags may stand between. */
function find(
  commands: readonly Command[],
  args: readonly string[],
): { readonly command: Command; readonly rest: readonly string[] } | undefined {
  const at: number[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word === '--') break;
    if (!word.startsWith('-')) at.push(i);
    else if (/^(-p|--profile|-b|--bootstrapper|--user)$/.test(word)) i++;
  }
  for (const count of [2, 1]) {
    const places = at.slice(0, count);
    if (places.length < count) continue;
    const name = places.map((i) => args[i]).join(' ');
    const command = commands.find(({ path }) => path === name);
    if (command) return { command, rest: args.filter((_, i) => !places.includes(i)) };
  }
  return undefined;
}

function settingFor(
  main: Main,
  settings: Settings,
  values: FlagValues,
  name: string,
): string | undefined {
  if (values.changed(name)) return values.text(name);
  const variable = `MINIKUBE_${name.toUpperCase().replaceAll('-', '_')}`;
  const given = main.process.environment.get(variable) ?? settings[name];
  return given === undefined ? undefined : String(given);
}

/** Puts aside what belongs to the program that a command runs. */
function ownWords(
  command: Command,
  rest: readonly string[],
): [readonly string[], readonly string[]] {
  if (!command.passesOn) return [rest, []];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    if (word === '--') return [rest.slice(0, i), rest.slice(i + 1)];
    if (!word.startsWith('-')) return [rest.slice(0, i), rest.slice(i)];
    const known = [...command.flags, ...GLOBAL].find(
      ({ name, short, kind }) =>
        kind !== 'bool' && (word === `--${name}` || (short !== undefined && word === `-${short}`)),
    );
    if (known) i++;
  }
  return [rest, []];
}

/** Runs a command line of minikube; its value is the exit status. */
export function* runMinikube(main: Main, commands: readonly Command[]): Routine<number> {
  const found = find(commands, main.args);
  if (!found) return yield* unknown(main);
  const { command } = found;
  const page = pageOf(command.path);
  const others = (page ? flagsOfPage(page) : []).filter(
    ({ name }) => !command.flags.some((known) => known.name === name),
  );
  const flags = [
    ...command.flags,
    ...others.map(({ name, short, value }) =>
      flag(name, /^(true|false)$/.test(value) ? 'bool' : 'string', value, short || undefined),
    ),
    ...GLOBAL.filter(({ name }) => !command.flags.some((own) => own.name === name)),
  ];
  const [own, passed] = ownWords(command, found.rest);
  const parsed = parseFlags(flags, own);
  if ('mistake' in parsed) {
    if (parsed.mistake === 'help') {
      main.out.put(page ? helpText(page) : '');
      return 0;
    }
    main.err.put(`Error: ${parsed.mistake}\nSee 'minikube ${command.path} --help' for usage.\n`);
    yield* main.err.flush();
    return MK_USAGE_STATUS;
  }
  const { values } = parsed;
  const unserved = [...GLOBAL_IDLE, ...(command.idle ?? []), ...others.map(({ name }) => name)];
  const idle = unserved.find((name) => values.changed(name));
  if (idle) return yield* notSimulated(main, `minikube ${command.path} --${idle}`);
  const settings = yield* loadSettings(main.process);
  const setting = (name: string): string | undefined => settingFor(main, settings, values, name);
  const out = new Output(main);
  const call: Call = {
    main,
    out,
    values,
    setting,
    args: [...parsed.args, ...passed],
    name: setting('profile') ?? 'minikube',
  };
  try {
    return (yield* command.run(call)) ?? 0;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    if (out.silent) main.out.put(`false exit code ${error.status}\n`);
    return error.status;
  }
}

/** Groups whose own name does nothing but show their help. */
const SHOW_HELP = ['addons', 'cache', 'config', 'image'];

/** What a line is answered with that names no command of ours: help, or what is wrong with it. */
function* unknown(main: Main): Routine<number> {
  const words = main.args.filter((one) => !one.startsWith('-'));
  const asksHelp = main.args.some((one) => one === '--help' || one === '-h');
  const [word = '', next = ''] = words;
  if (word === '') {
    main.out.put(rootHelp());
    return 0;
  }
  if (word === 'help') return yield* help(main, words.slice(1));
  if (word === 'options' && !asksHelp) {
    main.out.put(OPTIONS_TEXT);
    return 0;
  }
  const page = pageOf(`${word} ${next}`) ?? pageOf(word);
  if (page && (asksHelp || (SHOW_HELP.includes(word) && page.path === word))) {
    main.out.put(helpText(page));
    return 0;
  }
  if (page?.path === 'node')
    return yield* refuse(main, 'Usage: minikube node [add|start|stop|delete|list]');
  if (page?.path === 'completion' && next === '')
    return yield* refuse(main, 'Usage: minikube completion SHELL');
  if (page) return yield* notSimulated(main, `minikube ${main.args.join(' ')}`);
  main.err.put(
    `Error: unknown command "${word}" for "minikube"\nRun 'minikube --help' for usage.\n`,
  );
  yield* main.err.flush();
  return MK_USAGE_STATUS;
}

function* refuse(main: Main, message: string): Routine<number> {
  try {
    return yield* exitWith(new Output(main), 'MK_USAGE', message);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    return error.status;
  }
}

/** minikube help COMMAND. */
function* help(main: Main, words: readonly string[]): Routine<number> {
  const page = pageOf(words.slice(0, 2).join(' ')) ?? pageOf(words[0] ?? '');
  if (page) main.out.put(helpText(page));
  else if (words.length === 0) main.out.put(rootHelp());
  else {
    const topics = words.map((word) => `\`${word}\``).join(' ');
    main.err.put(`Unknown help topic [${topics}]\n${rootUsage()}`);
    yield* main.err.flush();
  }
  return 0;
}
