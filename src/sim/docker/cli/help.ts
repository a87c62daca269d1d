// Help of the docker command, from its tables, in the form and width in which cobra prints it.

import type { CommandTable, Flag } from './command.ts';
import { argumentRange, flagOf, flagsOf } from './command.ts';
import { COMMON, GROUPS, GROUP_ORDER, SHORTCUTS, SWARM_GROUPS } from './tree.ts';

/** Columns where stdout is no terminal. */
const WIDTH = 80;

export const GLOBAL_FLAGS: readonly Flag[] = [
  '|config|string|Location of client config files (default "/root/.docker")',
  'c|context|string|Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "docker context use")',
  'D|debug|bool|Enable debug mode',
  'H|host|list|Daemon socket to connect to',
  'l|log-level|string|Set the logging level ("debug", "info", "warn", "error", "fatal") (default "info")',
  '|tls|bool|Use TLS; implied by --tlsverify',
  '|tlscacert|string|Trust certs signed only by this CA (default "/root/.docker/ca.pem")',
  '|tlscert|string|Path to TLS certificate file (default "/root/.docker/cert.pem")',
  '|tlskey|string|Path to TLS key file (default "/root/.docker/key.pem")',
  '|tlsverify|bool|Use TLS and verify the remote',
  'v|version|bool|Print version information and quit',
].map(flagOf);

/** pflag's wrapN: breaks at a space, keeping a little slack so that no short last line stands alone. */
function wrapN(indent: number, slack: number, text: string): [string, string] {
  if (indent + slack > text.length) return [text, ''];
  const within = text.slice(0, indent);
  const space = Math.max(
    within.lastIndexOf(' '),
    within.lastIndexOf('\t'),
    within.lastIndexOf('\n'),
  );
  if (space <= 0) return [text, ''];
  const line = within.lastIndexOf('\n');
  if (line > 0 && line < space) return [text.slice(0, line), text.slice(line + 1)];
  return [text.slice(0, space), text.slice(space + 1)];
}

/** pflag's wrap: `indent` columns to the left, lines of `width` in all. */
function wrap(indent: number, width: number, text: string): string {
  let inset = indent;
  let room = width - inset;
  let out = '';
  if (room < 24) {
    inset = 16;
    room = width - inset;
    out += `\n${' '.repeat(inset)}`;
  }
  if (room < 24) return text.replaceAll('\n', `\n${' '.repeat(inset)}`);
  const slack = 5;
  room -= slack;
  let [line, rest] = wrapN(room, slack, text);
  out += line.replaceAll('\n', `\n${' '.repeat(inset)}`);
  while (rest !== '') {
    [line, rest] = wrapN(room, slack, rest);
    out += `\n${' '.repeat(inset)}${line.replaceAll('\n', `\n${' '.repeat(inset)}`)}`;
  }
  return out;
}

/** The lines of a set of flags. */
export function flagLines(flags: readonly Flag[]): string {
  const heads = flags.map(({ short, name, type }) => {
    const letter = short === '' ? '      ' : `  -${short}, `;
    return `${letter}--${name}${type === 'bool' ? '' : ` ${type}`}`;
  });
  const widest = Math.max(0, ...heads.map((head) => head.length));
  return flags
    .map(
      ({ text }, i) =>
        `${(heads[i] ?? '').padEnd(widest)}   ${wrap(widest + 3, WIDTH - 1, text)}\n`,
    )
    .join('');
}

function usageLine(called: string, table: CommandTable): string {
  const [operands = '', second] = usageOf(table);
  return `${`Usage:  ${called} ${operands}`.trimEnd()}\n${second === undefined ? '' : `\t${second}\n`}`;
}

/** The operands; of `cp` both lines. */
function usageOf(table: CommandTable): readonly string[] {
  return table.operands.split('\n');
}

/** `Usage:` as errors repeat it. */
export function usageForErrors(called: string, table: CommandTable): string {
  return usageLine(called, table).trimEnd();
}

/** What the daemon is, as far as help goes by it. */
export interface Server {
  /** Its node manages a swarm. */
  readonly manager: boolean;
}

/** Flags that daemons on Windows have. */
const WINDOWS = ['cpu-count', 'cpu-percent', 'io-maxbandwidth', 'io-maxiops'];
/** Commands that need a node which manages a swarm, and one that needs a swarm. */
const MANAGERS =
  /^((config|node|secret|service|stack)$|swarm (ca|join-token|leave|unlock|unlock-key|update)$|volume update$)/;
/** Commands of daemons with experimental features. */
const EXPERIMENTAL = /^checkpoint$/;

/** hideUnsupportedFeatures: false for what a server that answers has not. */
function shown(path: string, server: Server | undefined): boolean {
  if (!server) return true;
  return !EXPERIMENTAL.test(path) && (server.manager || !MANAGERS.test(path));
}

/** The help of one command. */
export function commandHelp(called: string, table: CommandTable, server?: Server): string {
  const aliases = table.aliases === undefined ? '' : `\nAliases:\n  ${table.aliases}\n`;
  const flags = flagsOf(table).filter(({ name }) => !server || !WINDOWS.includes(name));
  const options = flags.length === 0 ? '' : `\nOptions:\n${flagLines(flags)}`;
  return `${usageLine(called, table)}\n${table.short}\n${aliases}${options}`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(11, ...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)} ${text}\n`).join('');
}

/** The help of `docker NAME`. */
export function groupHelp(name: string, tables: readonly CommandTable[], server?: Server): string {
  const own = tables.filter(
    ({ path }) =>
      path.startsWith(`${name} `) && path.split(' ').length === 2 && shown(path, server),
  );
  const rows = own.map((table): [string, string] => [
    table.path.slice(name.length + 1),
    firstLine(table),
  ]);
  if (name === 'image' || name === 'builder')
    rows.unshift(['build', 'Build an image from a Dockerfile']);
  return `Usage:  docker ${name} COMMAND\n\n${GROUPS[name] ?? ''}\n\nCommands:\n${columns(rows)}\nRun 'docker ${name} COMMAND --help' for more information on a command.\n`;
}

function firstLine(table: CommandTable): string {
  const [first = '', second] = table.short.split('\n');
  return second === undefined ? first.replace(/\. [A-Z].*$/, '') : first.replace(/\.$/, '');
}

/** The help of docker itself. */
export function rootHelp(
  tables: readonly CommandTable[],
  plugins: readonly (readonly [string, string])[],
  server?: Server,
): string {
  const textOf = (name: string): string => {
    if (name === 'build') return 'Build an image from a Dockerfile';
    if (name === 'bake') return 'Build from a file';
    const path = SHORTCUTS[name] ?? name;
    const table = tables.find((t) => t.path === path);
    return table ? firstLine(table) : (GROUPS[name] ?? '');
  };
  const others = Object.keys(SHORTCUTS)
    .filter((name) => !COMMON.includes(name))
    .concat('inspect')
    .sort();
  const group = (names: readonly string[]): [string, string][] =>
    names.map((name) => [name, (GROUPS[name] ?? textOf(name)).split('\n')[0] ?? '']);
  const management = [
    ...group(GROUP_ORDER.filter((name) => shown(name, server))),
    ...plugins.map(([name, text]) => [`${name}*`, text] as [string, string]),
  ].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    'Usage:  docker [OPTIONS] COMMAND\n\nA self-sufficient runtime for containers\n',
    `Common Commands:\n${columns(group(COMMON))}`,
    `Management Commands:\n${columns(management)}`,
    `Swarm Commands:\n${columns(group(SWARM_GROUPS.filter((name) => shown(name, server))))}`,
    `Commands:\n${columns(group(others))}`,
    `Global Options:\n${flagLines(GLOBAL_FLAGS)}`,
    "Run 'docker COMMAND --help' for more information on a command.\n",
    'For more help on how to use Docker, head to https://docs.docker.com/go/guides/\n',
  ].join('\n');
}

function pluralArguments(count: number): string {
  return count === 1 ? '1 argument' : `${count} arguments`;
}

/** cli.RequiresMinArgs and its kin; undefined where the number fits. */
export function wrongCount(called: string, table: CommandTable, count: number): string | undefined {
  const { least, most } = argumentRange(table.operands);
  if (count >= least && count <= most) return undefined;
  let [says, hint] = [`requires ${pluralArguments(least)}`, 'Run'];
  if (most === 0) says = 'accepts no arguments';
  else if (most === Number.POSITIVE_INFINITY)
    [says, hint] = [`requires at least ${pluralArguments(least)}`, 'See'];
  else if (least === 0) [says, hint] = [`requires at most ${pluralArguments(most)}`, 'SRun'];
  else if (least !== most) says = `requires at least ${least} and at most ${pluralArguments(most)}`;
  return `docker: '${called}' ${says}\n\n${usageForErrors(called, table)}\n\n${hint} '${called} --help' for more information`;
}
