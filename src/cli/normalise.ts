// The comparing rules for recordings: what differs from run to run (ids, times, ages, addresses) is replaced by a mark;
// the same id, name or address keeps the same number within a file, so that identity still counts.

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const CLOCK = '\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?';
const word = (pattern: string): string => `(?<![0-9a-zA-Z])${pattern}(?![0-9a-zA-Z])`;

/** Ids of the etcd lab's members and cluster: always these, so they are compared as they are. */
const MEMBER_IDS = ['3b31c6ed429c67a0', 'b6fefdc85368e1ef', '13d6ecac76e9851b', '71cf6c32a25ba5f5'];

/** Plain replacements, in this order. */
const PLAIN: readonly (readonly [RegExp, string])[] = (
  [
    [`\\d{4}-\\d\\d-\\d\\dT${CLOCK}(?:Z|[+-]\\d\\d:?\\d\\d)?`, '<time>'],
    [
      `\\d{4}-\\d\\d-\\d\\d ${CLOCK}(?: [+-]\\d{4})?(?: (?:UTC|m=[+-][\\d.]+|[A-Z]{3,4}))?`,
      '<time>',
    ],
    [`\\d{4}/\\d\\d/\\d\\d ${CLOCK}`, '<time>'],
    [`\\d\\d/${MONTH}/\\d{4}:${CLOCK} [+-]\\d{4}`, '<time>'],
    [`${DAY}, \\d\\d ${MONTH} \\d{4} ${CLOCK} (?:GMT|[+-]\\d{4})`, '<time>'],
    [`${DAY} ${MONTH} [ \\d]\\d ${CLOCK}(?: [A-Z]{3,4})? \\d{4}`, '<time>'],
    [`${MONTH} \\d\\d, \\d{4} \\d\\d:\\d\\d UTC`, '<time>'],
    [`\\d\\d? ${MONTH} \\d{4} ${CLOCK}`, '<time>'],
    [`\\b[IWEF]\\d{4} ${CLOCK} +\\d+ `, '<klog> '],
    [`${MONTH} [ \\d]\\d \\d\\d:\\d\\d`, '<time>'],
    ['(?<![\\d.])1[6-9]\\d{8}(?:\\.\\d{9}|\\d{9})?(?![\\d.])', '<time>'],
    ['(?<![0-9a-f:.])\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?![0-9a-f:])', '<time>'],
    [
      '(?:Less than a second|About a minute|About an hour|\\d+ (?:second|minute|hour|day|week|month|year)s?)',
      '<age>',
    ],
    ['(?<![\\w.=-])\\d+(?:\\.\\d+)?(?:ns|ms|µs|us)(?!\\w)', '<age>'],
    ['(?<![\\w.=-])\\d+\\.\\d+s(?!\\w)', '<age>'],
    ['(?<![\\w.=-])(?<!for )(?<!TTL\\()\\d+s(?!\\w)', '<age>'],
    ['(?<![\\w.=-])(?<!for )(?:\\d+d)?(?:\\d+h)?\\d+m\\d+s(?!\\w)', '<age>'],
    ['\\b\\d+ (ms|milliseconds)\\b', '<n> $1'],
    ['^(\\S*bash|sh|\\S+\\.sh): (line \\d+: )? *\\d+ (?=[A-Z][a-z])', '$1: <pid> '],
    ['^\\[(\\d+)\\] \\d+$', '[$1] <pid>'],
    ['^(\\[\\d+\\][+-]?)  ?\\d+ (?=[A-Z][a-z])', '$1 <pid> '],
    ['\\((\\d+)\\) - (No such process|Operation not permitted)', '(<pid>) - $2'],
    ['\\b(pid|process|PID|worker) \\d+', '$1 <pid>'],
    ['/proc/\\d+/', '/proc/<pid>/'],
    ['\\b(shared|master|propagate_from):\\d+', '$1:<n>'],
    ['\\b(?!00:00:00:00:00:00|ff:ff:ff:ff:ff:ff)(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\\b', '<mac>'],
    ['\\bfe80::[0-9a-f:]+', '<linklocal>'],
    ['etcd-endpoints://0x[0-9a-f]+/', 'etcd-endpoints://<ptr>/'],
    ["LocalAddr: '[0-9.]+:\\d+'", 'LocalAddr: <local addr>'],
    ['\\b127\\.0\\.0\\.1:\\d+->', '<local addr>->'],
    [
      'desc = (?:context deadline exceeded|stream terminated by RST_STREAM with error code: CANCEL)(?=")',
      'desc = <deadline>',
    ],
    ['"(caller|stacktrace)":"[^"]*"', '"$1":"<code>"'],
    ['remaining\\(\\d+s\\)', 'remaining(<age>)'],
    ['(?<![\\w.])\\d+(?:\\.\\d+)? (?:kB|MB|GB|B)\\b', '<size>'],
    ['(dial tcp: lookup [\\w.-]+) on [\\d.]+:53: .*', '$1 <no network>'],
    ['\\bref [a-z0-9]{24,26}::[a-z0-9]{24,26}', 'ref <ref>'],
    ['("?resourceVersion"?: "?)\\d+', '$1<rv>'],
    ['\\bveth[0-9a-f]{8}\\b', 'veth<id>'],
  ] as const
).map(([pattern, by]) => [new RegExp(pattern, 'g'), by]);

/** From a line that heads one of these columns to the end of that command's output, words like 2m13s are ages. */
const AGING = /(?:^|\s)(?:AGE|Age|LAST SEEN|FIRST SEEN|DURATION|LAST SCHEDULE)(?:\s|$)/;
const AGED = /(?<![^\s(])(?:\d+[ydhms])+(?![^\s)])|<unknown>|<invalid>/g;
/** runc list, ctr tasks ls: the second column is a process id. */
const PIDS = /^(?:ID +PID +STATUS|TASK +PID +STATUS)/;

/** Replacements that keep identity: the pattern, and the kind that is counted. */
const NUMBERED: readonly (readonly [RegExp, string])[] = (
  [
    ['(?<=:\\[)\\d{6,}(?=\\])', 'ns'],
    [word('[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'), 'uid'],
    [word('[0-9a-f]{64}'), 'id64'],
    [word('(?=[0-9a-f]*[a-f])[0-9a-f]{13}'), 'id13'],
    ['(?<![0-9a-zA-Z.-])[0-9a-f]{12}(?![0-9a-zA-Z])', 'id12'],
    [word('[0-9a-f]{15,16}'), 'id16'],
    ['(?<![\\d.])\\d{18,20}(?![\\d.])', 'n64'],
    ['(?<=kube-api-access-)[a-z0-9]{5}\\b', 'vol'],
    [
      '(?<=[a-z0-9]-)(?:[0-9bcdf-hj-np-tv-z]{9,10}|[456789bcdf]{8,10})-[bcdfghjklmnpqrstvwxz2456789]{5}(?![a-z0-9-])',
      'pod',
    ],
    ['(?<=[a-z0-9]-)[bcdf456789]{8,10}(?![a-z0-9])', 'hash'],
    ['(?<=[a-z0-9]-)(?!https|httpd|tmpfs)[bcdfghjklmnpqrstvwxz2456789]{5}(?![a-z0-9-])', 'suffix'],
    ['\\b10\\.(?:9[6-9]|10\\d|11[01])\\.\\d+\\.\\d+\\b', 'clusterip'],
    ['(?<=:)3[0-2]\\d{3}(?=/(?:TCP|UDP|SCTP))|(?<=NodePort: ).*?(?=/)', 'nodeport'],
  ] as const
).map(([pattern, kind]) => [new RegExp(pattern, 'g'), kind]);

const KEEP = new Set([
  '10.96.0.1',
  '10.96.0.10',
  '10.96.0.0',
  ...MEMBER_IDS,
  ...MEMBER_IDS.map((id) => BigInt(`0x${id}`).toString()),
]);

const CHOSEN = /\b3[0-2]\d{3}\b|\b10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+\b/g;

/** The lines of a session file (commands and output together) in the form in which two of them are compared. */
export function normalise(text: string): string[] {
  // As a text file is read: a carriage return ends a line too.
  const lines = text.split(/\r\n?|\n/);
  const typed = lines.filter((line) => /^(?:\$ |! |> )/.test(line)).join('\n');
  const chosen = new Set(typed.match(CHOSEN) ?? []);
  const state: State = {
    seen: new Map(),
    counts: new Map(),
    keep: (v) => KEEP.has(v) || chosen.has(v),
    aging: false,
    pids: false,
    built: new Set(),
    out: [],
  };
  for (const line of lines) oneLine(state, line);
  return state.out;
}

interface State {
  readonly seen: Map<string, string>;
  readonly counts: Map<string, number>;
  readonly keep: (value: string) => boolean;
  aging: boolean;
  pids: boolean;
  built: Set<string>;
  readonly out: string[];
}

function oneLine(state: State, original: string): void {
  let line = original;
  const command = /^(?:\$ |! )/.test(line);
  const kept = command || /^(?:> |# |\[exit )/.test(line);
  if (command) {
    state.aging = false;
    state.pids = false;
    state.built = new Set();
  }
  if (kept) {
    state.out.push(line);
    return;
  }
  if (state.aging) line = line.replace(AGED, '<age>');
  else if (AGING.test(line)) state.aging = true;
  if (state.pids) line = line.replace(/^(\S+ +)\d+/, '$1<pid>');
  else if (PIDS.test(line)) state.pids = true;
  for (const [pattern, kind] of NUMBERED)
    line = line.replace(pattern, (v) => number(state, kind, v));
  for (const [pattern, by] of PLAIN) line = line.replace(pattern, by);
  if (/^#\d+ /.test(line)) {
    const said = buildLine(line);
    if (/^#\d+ (?:transferring |WARN: )/.test(said) || state.built.has(said)) return;
    state.built.add(said);
    line = said;
  } else if (line === '' && state.built.size > 0 && state.out.at(-1) === '') return;
  line = line
    .replace(/^\d+\.\d{3} (?=\S)/, '<t> ')
    .replace(/ {2,}/g, '  ')
    .replace(/-{3,}/g, '---');
  state.out.push(line.trimEnd());
}

/** BuildKit's plain progress: its clock decides what is said twice, so times and `done` go. */
function buildLine(line: string): string {
  return line.replace(/( <age>)?( done)?$/, '').replace(/^(#\d+) \d+\.\d+ /, '$1 ');
}

function number(state: State, kind: string, value: string): string {
  if (state.keep(value) || value.startsWith('<')) return value;
  const key = `${kind} ${value}`;
  let mark = state.seen.get(key);
  if (!mark) {
    const count = (state.counts.get(kind) ?? 0) + 1;
    state.counts.set(kind, count);
    mark = `<${kind}:${count}>`;
    state.seen.set(key, mark);
  }
  return mark;
}
