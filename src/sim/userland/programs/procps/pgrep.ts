// pgrep, pkill and pidwait of procps 4.0.2: the processes that were chosen are listed, signalled or waited for.

import { signalNumber } from '../../../kernel/signals.ts';
import type { ProgramFile, ProgramRun } from '../../../kernel/program.ts';
import type { OptionSpec } from '../../libc/options.ts';
import { tool, type Tool } from '../util-linux/tool.ts';
import { commandLine, type ProcessRow } from './processes.ts';
import { isRefusal, type Refusal, select } from './selection.ts';
import { takeSignal } from './signal-words.ts';
import { VERSION } from './version.ts';

const COMMON: readonly OptionSpec[] = [
  { key: 'full', short: 'f', long: 'full' },
  { key: 'pgroup', short: 'g', long: 'pgroup', argument: 'required' },
  { key: 'group', short: 'G', long: 'group', argument: 'required' },
  { key: 'ignorecase', short: 'i', long: 'ignore-case' },
  { key: 'newest', short: 'n', long: 'newest' },
  { key: 'oldest', short: 'o', long: 'oldest' },
  { key: 'older', short: 'O', long: 'older', argument: 'required' },
  { key: 'parent', short: 'P', long: 'parent', argument: 'required' },
  { key: 'session', short: 's', long: 'session', argument: 'required' },
  { key: 'terminal', short: 't', long: 'terminal', argument: 'required' },
  { key: 'euid', short: 'u', long: 'euid', argument: 'required' },
  { key: 'uid', short: 'U', long: 'uid', argument: 'required' },
  { key: 'exact', short: 'x', long: 'exact' },
  { key: 'pidfile', short: 'F', long: 'pidfile', argument: 'required' },
  { key: 'logpidfile', short: 'L', long: 'logpidfile' },
  { key: 'runstates', short: 'r', long: 'runstates', argument: 'required' },
  { key: 'ignoreancestors', short: 'A', long: 'ignore-ancestors' },
  { key: 'cgroup', long: 'cgroup', argument: 'required' },
  { key: 'ns', long: 'ns', argument: 'required' },
  { key: 'nslist', long: 'nslist', argument: 'required' },
  { key: 'count', short: 'c', long: 'count' },
];

/** What help says of the options of all three. */
const COMMON_HELP = ` -c, --count               count of matching processes
 -f, --full                use full process name to match
 -g, --pgroup <PGID,...>   match listed process group IDs
 -G, --group <GID,...>     match real group IDs
 -i, --ignore-case         match case insensitively
 -n, --newest              select most recently started
 -o, --oldest              select least recently started
 -O, --older <seconds>     select where older than seconds
 -P, --parent <PPID,...>   match only child processes of the given parent
 -s, --session <SID,...>   match session IDs
 -t, --terminal <tty,...>  match by controlling terminal
 -u, --euid <ID,...>       match by effective IDs
 -U, --uid <ID,...>        match by real IDs
 -x, --exact               match exactly with the command name
 -F, --pidfile <file>      read PIDs from file
 -L, --logpidfile          fail if PID file is not locked
 -r, --runstates <state>   match runstates [D,S,Z,...]
 -A, --ignore-ancestors    exclude our ancestors from results
 --cgroup <grp,...>        match by cgroup v2 names
 --ns <PID>                match the processes that belong to the same
                           namespace as <pid>
 --nslist <ns,...>         list which namespaces will be considered for
                           the --ns option.
                           Available namespaces: ipc, mnt, net, pid, user, uts

 -h, --help     display this help and exit
 -V, --version  output version information and exit
`;

function* refuse(main: Tool, refusal: Refusal): ProgramRun {
  if (refusal.hint === 'usage') return yield* main.badUsage();
  yield* main.fail(refusal.text);
  if (refusal.hint === 'help') {
    main.err.put(`Try \`${main.name} --help' for more information.\n`);
    yield* main.err.flush();
  }
  return refusal.status;
}

function* listMatches(main: Tool, found: readonly ProcessRow[]): ProgramRun {
  const { options } = main;
  if (options.has('count')) {
    yield* main.out.print(`${found.length}\n`);
    return found.length > 0 ? 0 : 1;
  }
  const text = (row: ProcessRow): string => {
    if (options.has('listfull')) return `${row.pid} ${commandLine(row)}`;
    return options.has('listname') ? `${row.pid} ${row.name}` : String(row.pid);
  };
  const between = options.value('delimiter') ?? '\n';
  if (found.length > 0) yield* main.out.print(`${found.map(text).join(between)}\n`);
  return found.length > 0 ? 0 : 1;
}

const SPEC = {
  usage: ['[options] <pattern>'],
  version: VERSION,
  usageStatus: 2,
  usageOnError: true,
  manual: 'pgrep',
} as const;

export const pgrep = tool(
  {
    ...SPEC,
    name: 'pgrep',
    options: [
      ...COMMON,
      { key: 'delimiter', short: 'd', long: 'delimiter', argument: 'required' },
      { key: 'listname', short: 'l', long: 'list-name' },
      { key: 'listfull', short: 'a', long: 'list-full' },
      { key: 'inverse', short: 'v', long: 'inverse' },
      { key: 'lightweight', short: 'w', long: 'lightweight' },
    ],
    optionsHelp: ` -d, --delimiter <string>  specify output delimiter
 -l, --list-name           list PID and process name
 -a, --list-full           list PID and full command line
 -v, --inverse             negates the matching
 -w, --lightweight         list all TID
${COMMON_HELP}`,
  },
  function* (main) {
    const found = yield* select(main);
    return isRefusal(found) ? yield* refuse(main, found) : yield* listMatches(main, found);
  },
);

const pkillTool = (signal: number): ProgramFile =>
  tool(
    {
      ...SPEC,
      name: 'pkill',
      options: [
        ...COMMON,
        { key: 'signal', long: 'signal', argument: 'required' },
        { key: 'echo', short: 'e', long: 'echo' },
        { key: 'queue', short: 'q', long: 'queue', argument: 'required' },
      ],
      optionsHelp: ` -<sig>, --signal <sig>    signal to send (either number or name)
 -q, --queue <value>       integer value to be sent with the signal
 -e, --echo                display what is killed
${COMMON_HELP}`,
    },
    function* (main) {
      const name = main.options.value('signal');
      const chosen = name === undefined ? signal : signalNumber(name);
      if (chosen === undefined) return yield* main.badUsage(`Unknown signal "${name}".`);
      const found = yield* select(main);
      if (isRefusal(found)) return yield* refuse(main, found);
      let done = 0;
      for (const row of found) {
        const failure = main.process.kill(row.pid, chosen);
        if (failure) {
          if (failure.name !== 'ESRCH')
            yield* main.fail(`killing pid ${row.pid} failed: ${failure.message}`);
          continue;
        }
        done++;
        if (main.options.has('echo'))
          yield* main.out.print(`${row.name} killed (pid ${row.pid})\n`);
      }
      if (main.options.has('count')) yield* main.out.print(`${found.length}\n`);
      return done > 0 ? 0 : 1;
    },
  );

export const pkill: ProgramFile = {
  name: 'pkill',
  *run(process) {
    const [name = 'pkill', ...words] = process.argv;
    const { signal, rest } = takeSignal(words);
    process.task.leader.process.argv = [name, ...rest];
    return yield* pkillTool(signal ?? 15).run(process);
  },
};

const LOOK_AGAIN = 10_000_000;

export const pidwait = tool(
  {
    ...SPEC,
    name: 'pidwait',
    options: [...COMMON, { key: 'echo', short: 'e', long: 'echo' }],
    optionsHelp: ` -e, --echo                display PIDs before waiting\n${COMMON_HELP}`,
  },
  function* (main) {
    const found = yield* select(main);
    if (isRefusal(found)) return yield* refuse(main, found);
    if (main.options.has('count')) yield* main.out.print(`${found.length}\n`);
    for (const row of found) {
      if (main.options.has('echo'))
        yield* main.out.print(`waiting for ${row.name} (pid ${row.pid})\n`);
      yield* main.out.flush();
    }
    for (const row of found) {
      while (isRunning(main, row.pid)) yield* main.process.sleep(LOOK_AGAIN);
    }
    return found.length > 0 ? 0 : 1;
  },
);

const isRunning = (main: Tool, pid: number): boolean => main.process.exists(`/proc/${pid}/exe`);
