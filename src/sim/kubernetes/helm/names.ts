// The names of helm's commands, and what is said of one that it has not (cobra's suggestions).

/** Kubernetes' version to templates that are rendered without a cluster. */
export const KUBE_VERSION = 'v1.37.0';

export const COMMAND_NAMES: readonly string[] = [
  ...[
    'completion',
    'create',
    'dependency',
    'env',
    'get',
    'help',
    'history',
    'install',
    'lint',
    'list',
  ],
  ...[
    'package',
    'plugin',
    'pull',
    'push',
    'registry',
    'repo',
    'rollback',
    'search',
    'show',
    'status',
  ],
  ...[
    'template',
    'test',
    'uninstall',
    'upgrade',
    'verify',
    'version',
    'ls',
    'del',
    'delete',
    'hist',
    'dep',
  ],
];

/** Names that cobra suggests for others beside those that are near. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The error of an unknown command. */
export function unknownCommand(name: string): string {
  const near = COMMAND_NAMES.filter((one) => distance(name, one) <= 2 || one.startsWith(name));
  const hints =
    near.length > 0 ? `\n\nDid you mean this?\n${near.map((one) => `\t${one}\n`).join('')}` : '';
  return `Error: unknown command "${name}" for "helm"${hints}\nRun 'helm --help' for usage.\n`;
}
