// ipset(8): sets that rules match by name. Left out: timeouts other than 0 (for ever), counters, comments.

import { canonicalEntry, type IpSet } from '../../../kernel/network/netfilter/ipset.ts';
import { decode } from '../../../core/text.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';

const TYPES = [
  'hash:ip',
  'hash:net',
  'hash:ip,port',
  'hash:ip,port,ip',
  'hash:ip,port,net',
  'hash:net,port',
  'hash:net,net',
  'bitmap:port',
  'hash:mac',
  'list:set',
  'bitmap:ip',
  'hash:net,iface',
];

const ALIASES: Readonly<Record<string, string>> = {
  '-N': 'create',
  '-A': 'add',
  '-D': 'del',
  '-X': 'destroy',
  '-F': 'flush',
  '-L': 'list',
  '-T': 'test',
  '-E': 'rename',
  '-S': 'save',
  '-R': 'restore',
  n: 'create',
  a: 'add',
  d: 'del',
  x: 'destroy',
  f: 'flush',
  l: 'list',
  t: 'test',
};

export const ipset = program('ipset', function* (main) {
  return yield* run(main, main.args);
});

function* run(main: Main, args: readonly string[]): ProgramRun {
  const words = args.filter(
    (word) => !['-exist', '-!', '-q', '-quiet', '-name', '-n', '-t', '-o'].includes(word),
  );
  const exist = args.includes('-exist') || args.includes('-!');
  const [first = '', name = '', ...rest] = words;
  const command = ALIASES[first] ?? first;
  const { sets } = main.process.network.netfilter.sets;
  const error = (text: string): number => {
    main.err.put(`ipset v7.17: ${text}\n`);
    return 1;
  };
  if (main.process.netlink().refusal)
    return error('Kernel error received: Operation not permitted');
  const set = sets.get(name);
  switch (command) {
    case 'create':
      if (set)
        return exist ? 0 : error('Set cannot be created: set with the same name already exists');
      if (!TYPES.includes(rest[0] ?? '')) return error(`Syntax error: unknown settype ${rest[0]}`);
      if (timed(rest)) return yield* notSimulated(main, 'ipset create timeout');
      sets.set(name, {
        name,
        type: rest[0] ?? '',
        header: headerOf(rest),
        entries: new Map(),
      });
      return 0;
    case 'add':
    case 'del':
    case 'test':
      if (!set) return error('The set with the given name does not exist');
      if (timed(rest)) return yield* notSimulated(main, 'ipset add timeout');
      return change(main, set, command, rest, exist, error);
    case 'flush':
      if (name !== '' && !set) return error('The set with the given name does not exist');
      for (const one of set ? [set] : sets.values()) one.entries.clear();
      return 0;
    case 'destroy':
      if (name === '') sets.clear();
      else if (!sets.delete(name)) return error('The set with the given name does not exist');
      return 0;
    case 'list':
    case 'save':
      if (name !== '' && !set) return error('The set with the given name does not exist');
      print(
        main,
        set ? [set] : [...sets.values()],
        command === 'save',
        args.includes('-n') || args.includes('-name'),
      );
      return 0;
    case 'restore':
      for (const line of decode(yield* main.input.rest()).split('\n')) {
        if (line.trim() === '') continue;
        const status = yield* run(main, [
          ...line.trim().split(/\s+/),
          ...(exist ? ['-exist'] : []),
        ]);
        if (status !== 0) return status;
      }
      return 0;
    case 'rename':
    case 'swap': {
      const other = sets.get(rest[0] ?? '');
      if (!set) return error('The set with the given name does not exist');
      if (command === 'rename' && other)
        return error('Set cannot be renamed: a set with the new name already exists');
      if (command === 'swap' && !other)
        return error('Sets cannot be swapped: the second set does not exist');
      if (other && other.type !== set.type)
        return error('The sets cannot be swapped: their type does not match');
      sets.delete(name);
      if (other) {
        sets.set(name, other);
        other.name = name;
      }
      set.name = rest[0] ?? '';
      sets.set(set.name, set);
      return 0;
    }
    case '':
      return error('No command specified.');
    default:
      return error(`No command specified: unknown argument ${first}`);
  }
}

/** True where entries are to expire; a timeout of 0 is none. */
function timed(words: readonly string[]): boolean {
  const at = words.indexOf('timeout');
  return at >= 0 && Number(words[at + 1]) > 0;
}

function headerOf(words: readonly string[]): string {
  const given = (name: string, usual: string): string => {
    const at = words.indexOf(name);
    return at < 0 ? usual : (words[at + 1] ?? usual);
  };
  const timeout = words.includes('timeout') ? ' timeout 0' : '';
  return `family ${given('family', 'inet')} hashsize ${given('hashsize', '1024')} maxelem ${given('maxelem', '65536')}${timeout} bucketsize 12 initval 0x00000000`;
}

function change(
  main: Main,
  set: IpSet,
  command: string,
  [text = '', ...options]: readonly string[],
  exist: boolean,
  error: (text: string) => number,
): number {
  const entry = canonicalEntry(set, text);
  if (entry === undefined)
    return error(`Syntax error: cannot parse ${text}: resolving to IPv4 address failed`);
  if (command === 'test') {
    const there = set.entries.has(entry);
    main.err.put(
      there
        ? `Warning: ${text} is in set ${set.name}.\n`.replace('Warning: ', '')
        : `${text} is NOT in set ${set.name}.\n`,
    );
    return there ? 0 : 1;
  }
  if (command === 'add') {
    if (set.entries.has(entry) && !exist)
      return error("Element cannot be added to the set: it's already added");
    set.entries.set(entry, options.includes('nomatch') ? ' nomatch' : '');
    return 0;
  }
  if (!set.entries.delete(entry) && !exist)
    return error("Element cannot be deleted from the set: it's not added");
  return 0;
}

function print(main: Main, sets: readonly IpSet[], save: boolean, namesOnly: boolean): void {
  const blocks: string[] = [];
  for (const set of sets) {
    const timeout = set.header.includes(' timeout ') ? ' timeout 0' : '';
    const entries = [...set.entries].map(([entry, flags]) => `${entry}${timeout}${flags}\n`);
    if (namesOnly) blocks.push(`${set.name}\n`);
    else if (save) {
      const lines = entries.map((entry) => `add ${set.name} ${entry}`);
      blocks.push(`create ${set.name} ${set.type} ${set.header}\n${lines.join('')}`);
    } else {
      const members = entries.join('');
      blocks.push(
        `Name: ${set.name}\nType: ${set.type}\nRevision: 5\nHeader: ${set.header}\nSize in memory: ${200 + set.entries.size * 64}\nReferences: 0\nNumber of entries: ${set.entries.size}\nMembers:\n${members}`,
      );
    }
  }
  main.out.put(blocks.join(save || namesOnly ? '' : '\n'));
}
