// Changed copies of an example: another name, another image, another port or number, the same everywhere that the
// example and the steps above it speak of it. What may be changed is found by how it is introduced, as a reader would.

import type { Random } from '../../src/sim/core/random.ts';
import { findImage } from '../../src/sim/internet/catalog.ts';
import { type FencedStep, noteSteps, type Step } from '../../src/worker/block.ts';
import { imageChanges } from './image-changes.ts';

/** One thing that is another in the copy. */
export interface Change {
  readonly kind: ChangeKind;
  readonly from: string;
  readonly to: string;
  /** What the copy prints because of it, and what the original printed in its place. */
  readonly follows: readonly (readonly [printed: string, was: string])[];
}

/** What is known of the lab in which the example runs. */
export interface Surroundings {
  /** Full names of the images that are there before the first command. */
  readonly images: ReadonlySet<string>;
  readonly machines: readonly string[];
}

const KINDS = ['name', 'image', 'port', 'subnet', 'user', 'duration', 'status', 'word'] as const;
export type ChangeKind = (typeof KINDS)[number];

const NAME = '([a-z][a-z0-9]{2,})(?![\\w-])';
/** How each kind of thing that is the reader's own is introduced. */
const INTRODUCED: Readonly<Record<Exclude<ChangeKind, 'image'>, readonly string[]>> = {
  name: [
    `--name[= ]${NAME}`,
    `^ *(?:- )?name: ${NAME}$`,
    `kubectl run ${NAME}`,
    `kubectl create (?:deployment|namespace|ns|job|cronjob|quota|configmap|cm|sa|secret generic) ${NAME}`,
    `docker (?:network|volume) create (?:.* )?${NAME}$`,
    `docker build (?:-\\S+ )*-t ${NAME}`,
    `docker commit .*${NAME}$`,
    `runc (?:create|run) ${NAME}`,
    `ctr run (?:-\\S+ )*\\S+ ${NAME}`,
    `ip netns add ${NAME}`,
    `ip link add (?:name )?${NAME}`,
    `mkdir (?:-p )?(?:/\\S*/)?${NAME}$`,
    `mkdir (?:-p )?${NAME}/`,
    `(?:useradd|adduser) (?:-\\S+ )*${NAME}$`,
    `etcdctl put ${NAME}`,
    `git (?:switch -c|checkout -b|branch|init) ${NAME}`,
    `hostname ${NAME}`,
  ],
  word: [`\\becho '?(?:\\w+ )*([a-z]{4,})(?= *(?:[|>;"']|$))`, `commit -m '(?:\\w+ )*([a-z]{4,})'`],
  port: [
    '-p (\\d{4,5}):',
    'nodePort: (\\d{5})\\b',
    '--port=(\\d{4,5})\\b',
    'port-forward \\S+ (\\d{4,5}):',
  ],
  subnet: ['\\b(10\\.\\d+|172\\.(?!17)\\d+|192\\.168)\\.\\d+\\.\\d+/\\d+'],
  user: ['--user (\\d{4})\\b', 'runAsUser: (\\d{4})\\b'],
  duration: ['(?<=\\S )(?<!; |&& )sleep (\\d{3,})(?!;)\\b'],
  status: ['\\bexit ([2-9]|\\d\\d)\\b'],
};

/** Numbers that are too common to be changed wherever they stand. */
const CONTEXT: Partial<Readonly<Record<ChangeKind, string>>> = {
  duration: 'sleep',
  status: 'exit',
};

/** Names and words of the copies: none that a note, a tool or a lab has. */
const NEW_NAMES =
  'mizzen tern lagoon quayside sextant gannet oarlock lighthouse cutwater bosun eider gudgeon halyard isobar'.split(
    ' ',
  );
const NEW_WORDS = 'limpet mooring neap offing pintle rudder shoal thwart'.split(' ');

/** An example that counts characters tells how long a name is. */
const COUNTS =
  /\bcut -c|\bhead -c|\bwc -c|\bfold\b|\bprintf '%-|\bls -l|\bdu\b|\bstat\b|sha256sum|md5sum/;

/** What in these steps can be another, by kind; kinds of which there is nothing are left out. */
export function changeable(
  steps: readonly Step[],
  around: Surroundings,
): ReadonlyMap<ChangeKind, readonly Change[]> {
  const text = textOf(steps);
  const found = new Map<ChangeKind, readonly Change[]>();
  for (const kind of KINDS) {
    const list =
      kind === 'image'
        ? imageChanges(text, around.images)
        : introduced(text, kind)
            .filter((from) => isOwn(text, kind, from, around))
            .map((from): Change => ({ kind, from, to: '', follows: [] }));
    if (list.length > 0) found.set(kind, list);
  }
  return found;
}

function introduced(text: string, kind: keyof typeof INTRODUCED): string[] {
  const words = INTRODUCED[kind].flatMap((pattern) =>
    Array.from(text.matchAll(new RegExp(pattern, 'gm')), (match) => match[1] ?? ''),
  );
  return [...new Set(words)];
}

/** Whether a word is the reader's to change: not also a command, an option, a field, an image, a machine. */
function isOwn(text: string, kind: ChangeKind, word: string, around: Surroundings): boolean {
  if (kind === 'port') return !new RegExp(`\\d:${word}\\b|containerPort: ${word}`).test(text);
  // A status that stands elsewhere too is one that something is told to expect.
  const alone = new RegExp(`(?<!\\bexit )\\b${word}\\b`);
  if (kind === 'status') return !alone.test(text);
  if (kind !== 'name' && kind !== 'word') return true;
  if (around.machines.includes(word) || findImage(word)) return false;
  return ![
    `\\b(?:kubectl|docker|compose|ip|git|etcdctl|crictl|ctr|minikube|helm|systemctl) (?:-\\S+ )*${word}(?![\\w-])`,
    `(?:^|[|;&(] ?|\\$\\(|-- |exec |sudo |command: \\[)${word}(?![\\w-])`,
    `(?:^| )--?[\\w-]*\\b${word}\\b`,
    `(?:image: |FROM |/)${word}:`,
    `^ *(?:- )?"?${word}"?:`,
    `[.{\\[]${word}[\\]}.=]`,
    `(?:"|')${word}(?:"|')`,
    `(?:--image[= ]|image: |FROM )\\S*\\b${word}\\b`,
    `\\S+/\\S*\\b${word}\\b\\S*:[\\d.v]`,
    `/(?:usr|etc|var|opt|lib)/\\S*\\b${word}\\b`,
  ].some((pattern) => new RegExp(pattern, 'm').test(text));
}

/** One of the changes of a kind that these steps allow. */
export function drawChange(
  steps: readonly Step[],
  options: readonly Change[],
  random: Random,
): Change {
  const change = random.pick(options);
  if (change.to !== '') return change;
  const { kind, from } = change;
  const to = another(change, textOf(steps), random);
  const context = CONTEXT[kind];
  if (!context) return { ...change, to };
  return { kind, from: `${context} ${from}`, to: `${context} ${to}`, follows: [[to, from]] };
}

/** Something else of the same kind that the text does not hold. */
function another({ kind, from }: Change, text: string, random: Random): string {
  if (kind === 'name' || kind === 'word') {
    const names = (kind === 'name' ? NEW_NAMES : NEW_WORDS).filter((name) => !text.includes(name));
    const drawn = random.pick(names);
    return COUNTS.test(text) ? drawn.padEnd(from.length, 'y').slice(0, from.length) : drawn;
  }
  const numbers: Readonly<Record<string, () => string>> = {
    port: () => String(from >= '30000' ? 30100 + random.int(2600) : 8100 + random.int(800)),
    subnet: () => `10.${100 + random.int(100)}`,
    user: () => String(1500 + random.int(400)),
    duration: () => String(Number(from) + 1 + random.int(80)),
    status: () => String(41 + random.int(50)),
  };
  return numbers[kind]?.() ?? from;
}

/** The same steps with the change made in all that is typed and put. */
export function changedSteps(steps: readonly FencedStep[], change: Change): FencedStep[] {
  const make = (text: string): string => text.replaceAll(whole(change.from), change.to);
  return steps.map((step) => {
    const fence = '`'.repeat(6);
    const meta = change.kind === 'status' ? changedExits(step, change) : make(step.meta);
    const [copy] = noteSteps(
      `${fence}${step.language} ${meta}\n${make(step.source)}\n${fence}`,
      step.lab,
    );
    if (!copy) throw new Error(`the copy of ${step.id} does not run`);
    return { ...copy, id: step.id, line: step.line, fresh: step.fresh };
  });
}

function changedExits({ meta, source }: FencedStep, { from, to }: Change): string {
  if (!whole(from).test(source)) return meta;
  const [was, is] = [from, to].map((text) => text.replace('exit ', ''));
  return meta.replace(/exit=[\d,]+/, (exits) => exits.replaceAll(whole(was ?? ''), is ?? ''));
}

/** What was printed, in the original's words. A copy's own words occur nowhere else, so this cannot mistake. */
export function asOriginal(printed: string, { from, to, follows }: Change): string {
  let out = printed;
  for (const [is, was] of [[to, from] as const, ...follows]) {
    out = out.replaceAll(whole(is), was);
  }
  return out;
}

/** The word by itself: not inside another, and no option of that name. Two spaces stand for a column's. */
function whole(word: string): RegExp {
  const text = word.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&').replaceAll('  ', ' {2,}');
  return new RegExp(`(?<![A-Za-z0-9]|(?<![A-Za-z0-9])--?)${text}(?![A-Za-z0-9])`, 'g');
}

function textOf(steps: readonly Step[]): string {
  return steps
    .map(({ file, commands }) => {
      const typed = commands.flatMap((command) => [command.text, ...command.typed]);
      return file ? file.text : typed.join('\n');
    })
    .join('\n');
}
