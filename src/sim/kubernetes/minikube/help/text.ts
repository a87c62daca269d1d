// minikube's help as kubectl's templates lay it out (third_party/kubectl-ui/templates): long text, aliases, examples, commands,
// options, usage.

import { CLUSTER_HELP } from './cluster.ts';
import { SETTINGS_HELP } from './settings.ts';
import type { HelpPage } from './page.ts';
import { START_HELP } from './start.ts';

const PAGES: readonly HelpPage[] = [...START_HELP, ...CLUSTER_HELP, ...SETTINGS_HELP];

/** The groups of `minikube --help`. */
const GROUPS: readonly (readonly [title: string, names: string])[] = [
  ['Basic', 'start status stop delete dashboard pause unpause'],
  ['Images', 'docker-env podman-env cache image'],
  ['Configuration and Management', 'addons config profile update-context'],
  ['Networking and Connectivity', 'service tunnel'],
  ['Advanced', 'mount ssh kubectl node cp'],
  ['Troubleshooting', 'ssh-key ssh-host ip logs update-check version options'],
  ['Other', 'completion license'],
];

const NAME_WIDTH = 16;
const CHILD_WIDTH = 13;

/** The page of a command. */
export function pageOf(path: string): HelpPage | undefined {
  return PAGES.find((page) => page.path === path);
}

/** A flag's name, its letter and its default. */
export interface FlagFacts {
  readonly name: string;
  readonly short: string;
  readonly value: string;
}

/** The flags that a page tells of. */
export function flagsOfPage({ flags = [] }: HelpPage): readonly FlagFacts[] {
  return flags.map((line) => {
    const [name = '', short = '', value = ''] = line.split('|');
    return { name, short, value };
  });
}

/** What the template does of a flag: the first line, then all else in one. */
function flagText(line: string): string {
  const [name = '', short = '', value = '', ...usage] = line.split('|');
  const letter = short === '' ? '' : `-${short}, `;
  const text = `    ${letter}--${name}=${value}:\n${usage.join('|')}`;
  const [first = '', ...rest] = text.split('\n');
  return `${first}\n\t${rest.join(' ')}`;
}

/** The lines of a group's commands. */
function children(path: string): readonly string[] {
  const inside = PAGES.filter((page) => page.path.startsWith(`${path} `));
  return inside.map(({ path: own, short }) => {
    const name = own.slice(path.length + 1);
    return `  ${name.padEnd(CHILD_WIDTH)} ${short}`;
  });
}

/** `minikube PATH --help`. */
export function helpText(page: HelpPage): string {
  const { path, short, long = short, usage = `minikube ${path} [flags]` } = page;
  const commands = children(path);
  const parts = [long];
  if (page.aliases !== undefined) parts.push(`Aliases:\n${page.aliases}`);
  if (page.examples !== undefined) parts.push(`Examples:\n${page.examples}`);
  if (commands.length > 0) parts.push(`Available Commands:\n${commands.join('\n')}`);
  if (page.flags) parts.push(`Options:\n${page.flags.map(flagText).join('\n\n')}`);
  if (usage !== '') parts.push(`Usage:\n  ${usage} [options]`);
  const more = `Use "minikube ${path} <command> --help" for more information about a given command.`;
  const global =
    'Use "minikube options" for a list of global command-line options (applies to all commands).';
  parts.push(
    [...(commands.length > 0 ? [more] : []), ...(usage === '' ? [] : [global])].join('\n'),
  );
  return `${parts.join('\n\n')}\n`;
}

/** What follows the first line of `minikube --help`. */
export function rootUsage(): string {
  const groups = GROUPS.map(([title, names]) => {
    const lines = names.split(' ').map((name) => {
      return `  ${name.padEnd(NAME_WIDTH)} ${pageOf(name)?.short ?? ''}`;
    });
    return `${title} Commands:\n${lines.join('\n')}`;
  });
  const more = 'Use "minikube <command> --help" for more information about a given command.';
  return `\n\n${[...groups, more].join('\n\n')}\n`;
}

/** `minikube --help`. */
export function rootHelp(): string {
  return `minikube provisions and manages local Kubernetes clusters optimized for development workflows.${rootUsage()}`;
}
