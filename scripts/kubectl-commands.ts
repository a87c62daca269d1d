// Writes the tables of kubectl's commands: names, usage lines, flags and help texts, as the real program declares
// them (kubectl-commands/dump.go prints those as JSON).
// Run: node scripts/kubectl-commands.ts kubectl.json

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface DumpedFlag {
  readonly Name: string;
  readonly Short: string;
  readonly Type: string;
  readonly Def: string;
  readonly NoOpt: string;
  readonly Usage: string;
  readonly Deprecated: string;
  readonly Hidden: boolean;
  readonly Required: boolean;
  /** Declared for the commands below too: those that help texts leave out. */
  readonly Persistent: boolean;
}

interface DumpedCommand {
  readonly Path: string;
  readonly Short: string;
  readonly Long: string;
  readonly Example: string;
  readonly Hidden: boolean;
  readonly Aliases: readonly string[] | null;
  readonly Flags: readonly DumpedFlag[] | null;
  readonly Help: string;
}

const target = join(
  dirname(fileURLToPath(import.meta.url)),
  '../src/sim/kubernetes/kubectl/generated',
);
const commands = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as DumpedCommand[];

const flags = new Map<string, number>();

function flagNumber(flag: DumpedFlag): number {
  const { Name, Short, Type, Def, NoOpt, Usage, Deprecated, Hidden, Required, Persistent } = flag;
  const bare = Type === 'bool' || Type === 'tristate' ? '' : NoOpt;
  const marks = `${Hidden || Persistent ? 'h' : ''}${Required ? 'r' : ''}`;
  const line = [Name, Short, Type, Def, bare, marks, Deprecated, Usage].join('\t');
  const known = flags.get(line);
  if (known !== undefined) return known;
  flags.set(line, flags.size);
  return flags.size - 1;
}

function usageOf({ Path, Help }: DumpedCommand): string {
  const line = /^Usage:\n {2}(.*)$/m.exec(Help)?.[1] ?? '';
  return line.startsWith(Path) ? line.slice(Path.length).trim() : line;
}

const commandLines: string[] = [];
const helpLines: string[] = [];
let groups: string[] = [];
for (const command of commands) {
  const path = command.Path.split(' ').slice(1).join(' ');
  if (path === '') {
    groups = command.Help.split('\n\n')
      .filter((part) => /^\S.*:(\n {2}\S|$)/.test(part) && !part.startsWith('Usage'))
      .map((part) => {
        const [title = '', ...names] = part.split('\n');
        return [title, ...names.map((name) => name.trim().split(' ')[0] ?? '')].join('\t');
      });
  }
  const numbers =
    path === '' || path === 'options'
      ? []
      : (command.Flags ?? []).filter(({ Name }) => Name !== 'help').map(flagNumber);
  commandLines.push(
    [
      path,
      (command.Aliases ?? []).join(' '),
      command.Hidden ? 'h' : '',
      numbers.join(' '),
      usageOf(command),
    ].join('\t'),
  );
  helpLines.push([command.Short, command.Long.trim(), command.Example.trimEnd()].join('\0'));
}

function write(
  name: string,
  parts: readonly (readonly [string, string, readonly string[]])[],
): void {
  const text = parts.map(
    ([constant, says, lines]) =>
      `/** ${says} */\nexport const ${constant}: readonly string[] = [\n${lines.map((line) => `  ${JSON.stringify(line)},\n`).join('')}];\n`,
  );
  writeFileSync(
    join(target, name),
    `// Made by scripts/kubectl-commands.ts from kubectl 1.36.3 (Apache License 2.0); not edited by hand.\n\n${text.join('\n')}`,
  );
}

/** A flag's line up to what is said of it, and that. */
function parted(line: string): readonly [string, string] {
  const fields = line.split('\t');
  return [fields.slice(0, 7).join('\t'), fields.slice(7).join('\t')];
}

const allFlags = [...flags.keys()].map(parted);

mkdirSync(target, { recursive: true });
write('commands.ts', [
  ['groupLines', 'A heading of the first help text and its commands.', groups],
  [
    'flagLines',
    'Name, letter, type, default, value when bare, marks, deprecation.',
    allFlags.map(([line]) => line),
  ],
  ['commandLines', 'Path, aliases, marks, numbers of its flags, usage line.', commandLines],
]);
write('help.ts', [
  ['helpLines', 'Short text, long text and examples, in the order of the commands.', helpLines],
  ['flagUsages', 'What is said of each flag, in their order.', allFlags.map(([, usage]) => usage)],
]);
