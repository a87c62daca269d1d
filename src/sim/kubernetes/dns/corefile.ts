// The Corefile: server blocks with plugins, each with words and an optional block of further lines.

/** One plugin of a server block. */
export interface PluginConfig {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly (readonly string[])[];
}

export interface ServerBlock {
  /** `.:53`, `example.org`. */
  readonly zones: readonly string[];
  readonly plugins: readonly PluginConfig[];
}

/** Plugins that may be named. Those that change no answer are accepted. */
const KNOWN = new Set([
  'errors',
  'health',
  'ready',
  'kubernetes',
  'prometheus',
  'forward',
  'cache',
  'loop',
  'reload',
  'loadbalance',
  'hosts',
  'rewrite',
  'log',
  'template',
  'file',
  'debug',
  'bind',
  'whoami',
  'erratic',
  'autopath',
  'minimal',
  'import',
  'acl',
  'any',
  'chaos',
  'dnssec',
]);

/** Reads a Corefile; a text says what is wrong and where. */
export function parseCorefile(text: string, path: string): readonly ServerBlock[] | string {
  const blocks: ServerBlock[] = [];
  let zones: string[] | undefined;
  let plugins: PluginConfig[] = [];
  let open: { name: string; args: string[]; block: string[][] } | undefined;
  for (const [i, raw] of text.split('\n').entries()) {
    const words = raw
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '');
    const [first] = words;
    if (first === undefined) continue;
    const opens = words.at(-1) === '{';
    if (open) {
      if (first === '}') {
        plugins.push(open);
        open = undefined;
      } else open.block.push(words);
    } else if (!zones) {
      zones = opens ? words.slice(0, -1) : words;
      plugins = [];
    } else if (first === '}') {
      blocks.push({ zones, plugins });
      zones = undefined;
    } else {
      if (!KNOWN.has(first))
        return `${path}:${i + 1} - Error during parsing: Unknown directive '${first}'`;
      const args = opens ? words.slice(1, -1) : words.slice(1);
      if (opens) open = { name: first, args, block: [] };
      else plugins.push({ name: first, args, block: [] });
    }
  }
  if (open || zones)
    return `${path}:${text.split('\n').length} - Error during parsing: Unexpected EOF`;
  return blocks;
}
