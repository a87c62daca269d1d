// Command-line flags of the cluster's components (component-base, pflag): `--name=value`, `--name value`, and bare
// booleans. Flags that are not modelled are taken as they are: a component reads those it acts on.

/** The flags of a command line by name, without the dashes; the last one given counts. */
export type Flags = ReadonlyMap<string, string>;

/** Reads flags; `booleans` are those that take no value in the word after. */
export function parseFlags(args: readonly string[], booleans: readonly string[] = []): Flags {
  const flags = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const [, name, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(args[i] ?? '') ?? [];
    if (name === undefined) continue;
    if (value !== undefined) flags.set(name, value);
    else if (booleans.includes(name) || (args[i + 1] ?? '-').startsWith('-'))
      flags.set(name, 'true');
    else flags.set(name, args[++i] ?? '');
  }
  return flags;
}

/** The items of a comma-separated flag. */
export function listFlag(flags: Flags, name: string): readonly string[] {
  return (flags.get(name) ?? '').split(',').filter((item) => item !== '');
}
