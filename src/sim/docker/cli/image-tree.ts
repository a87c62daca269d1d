// docker images --tree: images with their platforms, what each takes of the disk, and which are in use (image/tree.go).

import type { Routine } from '../../core/wait.ts';
import type { WindowSize } from '../../kernel/terminal/terminal.ts';
import { platformText, type Platform } from '../../containers/images/oci.ts';
import { humanSize3 } from '../units.ts';
import { Api, filterQuery, isCallError } from './api.ts';
import type { Call } from './command.ts';
import { ellipsis, fail } from './output.ts';

interface Details {
  readonly id: string;
  readonly usage: string;
  readonly content: string;
  readonly inUse: boolean;
}

interface Entry {
  readonly names: readonly string[];
  readonly created: number;
  readonly details: Details;
  readonly platforms: readonly {
    readonly text: string;
    readonly available: boolean;
    readonly details: Details;
  }[];
}

interface ManifestSummary {
  readonly ID: string;
  readonly Available: boolean;
  readonly Size: { readonly Content: number; readonly Total: number };
  readonly Kind: string;
  readonly ImageData?: {
    readonly Platform: Platform;
    readonly Containers: readonly string[] | null;
  };
}

interface TreeImage {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly Created: number;
  readonly Size: number;
  readonly Containers: number;
  readonly Manifests?: readonly ManifestSummary[];
}

function entryOf(image: TreeImage): Entry {
  const manifests = image.Manifests ?? [];
  const platforms = manifests.flatMap(({ ID, Available, Size, Kind, ImageData }) =>
    Kind !== 'image' || !ImageData
      ? []
      : [
          {
            text: platformText(ImageData.Platform),
            available: Available,
            details: {
              id: ID,
              usage: humanSize3(Size.Total),
              content: humanSize3(Size.Content),
              inUse: (ImageData.Containers ?? []).length > 0,
            },
          },
        ],
  );
  const content = manifests.reduce((sum, { Size }) => sum + Size.Content, 0);
  const inUse = image.Containers > 0 || platforms.some(({ details }) => details.inUse);
  return {
    names: image.RepoTags,
    created: image.Created,
    details: { id: image.Id, usage: humanSize3(image.Size), content: humanSize3(content), inUse },
    platforms,
  };
}

/** Colours as the client's terminal library writes them. */
const BOLD_TITLE = '\x1b[39m\x1b[1m';
const NAME = '\x1b[34m\x1b[1m';
const UNTAGGED = '\x1b[39m\x1b[2m';
const PLAIN = '\x1b[39m';
const FAINT = '\x1b[39m\x1b[2m';
const WARNING = '\x1b[93m';
const RESET = '\x1b[0m';
const CHIP = '\x1b[38;5;0m\x1b[48;5;14m U \x1b[0m';

const GAP = '   ';

interface Column {
  readonly title: string;
  width: number;
  readonly right: boolean;
}

/** Lines of the tree for a width of the screen. */
class Tree {
  private readonly terminal: boolean;
  private readonly columns: Column[];
  private readonly chips: boolean;

  constructor(entries: readonly Entry[], terminal: boolean, width: number) {
    this.terminal = terminal;
    this.chips = entries.some(({ platforms }) => platforms.some(({ details }) => details.inUse));
    const all: Column[] = [
      { title: 'IMAGE', width: 0, right: false },
      { title: 'ID', width: 12, right: false },
      { title: 'DISK USAGE', width: 10, right: true },
      { title: 'CONTENT SIZE', width: 12, right: true },
      { title: 'EXTRA', width: 5, right: false },
    ];
    let left = width;
    let shown = 1;
    for (const column of all.slice(1)) {
      const needed = column.width + GAP.length;
      if (left - needed < 12) break;
      left -= needed;
      shown++;
    }
    this.columns = all.slice(0, shown);
    const widest = Math.max(
      'Image'.length,
      ...entries.flatMap(({ names, platforms }) => [
        ...names.map((name) => name.length),
        ...platforms.map(({ text }) => text.length + '└─ '.length + 4),
      ]),
    );
    if (this.columns[0]) this.columns[0].width = Math.min(left, widest);
  }

  private coloured(colour: string, text: string): string {
    return this.terminal && colour !== '' ? `${colour}${text}${RESET}` : text;
  }

  private cell(index: number, colour: string, text: string, width = text.length): string {
    const { width: room = 0, right = false } = this.columns[index] ?? {};
    if (width > room) return this.coloured(colour, ellipsis(text, room));
    const fill = ' '.repeat(room - width);
    const shown = this.coloured(colour, text);
    return right ? fill + shown : shown + fill;
  }

  titles(): string {
    return this.columns
      .map(({ title, width, right }) => {
        const fill = ' '.repeat(Math.max(0, width - title.length));
        const shown = `${BOLD_TITLE}${title}${RESET}`;
        return right ? fill + shown : shown + fill;
      })
      .join(GAP);
  }

  details(colour: string, { id, usage, content, inUse }: Details): string {
    const chip = this.terminal ? CHIP : 'U';
    const extra = !this.chips ? '' : inUse ? chip : this.terminal ? '   ' : ' ';
    const extraWidth = !this.chips ? 0 : this.terminal ? 3 : 1;
    const cells = [
      this.cell(1, colour, id.replace(/^sha256:/, '').slice(0, 12)),
      this.cell(2, colour, usage),
      this.cell(3, colour, content),
      this.cell(4, '', extra, extraWidth),
    ];
    return cells
      .slice(0, this.columns.length - 1)
      .map((text) => GAP + text)
      .join('');
  }

  lines({ names, platforms, details }: Entry, spaced: boolean): string {
    const sorted = [...names].sort((a, b) => b.length - a.length);
    const last = sorted.pop();
    const above = sorted.map((name) => `${this.coloured(NAME, name)}\n`).join('');
    const name =
      last === undefined ? this.cell(0, UNTAGGED, '<untagged>') : this.cell(0, NAME, last);
    const below = platforms.map(({ text, available, details: own }, i) => {
      const colour = available ? PLAIN : FAINT;
      const branch = i === platforms.length - 1 ? '└─' : '├─';
      return `${this.cell(0, colour, `${branch} ${text}`)}${this.details(colour, own)}\n`;
    });
    const gap = platforms.length > 0 || spaced ? '\n' : '';
    return `${above}${name}${this.details(PLAIN, details)}${gap}${below.join('')}\n`;
  }
}

function legend(terminal: boolean, width: number): string {
  const text = terminal
    ? `\x1b[1m\x1b[106m\x1b[30mi${RESET}${RESET} \x1b[96mInfo → ${RESET}${RESET} ${CHIP} In Use `
    : ' Info ->  U In Use ';
  const plain = terminal ? 'i Info →   U  In Use '.length + 1 : text.length;
  return `${' '.repeat(Math.max(0, width - plain))}${text}`;
}

/** Prints the tree. */
export function* printTree(call: Call, filters: readonly string[]): Routine<number> {
  const { main, host, flags } = call;
  const { process: p } = main;
  const found = yield* new Api(p, host).get<TreeImage[]>('/images/json', {
    all: flags.on('all'),
    filters: filterQuery(filters),
    manifests: '1',
  });
  if (isCallError(found)) return yield* fail(call, found.text);
  const images = flags.on('all') ? found : found.filter(({ RepoTags }) => RepoTags.length > 0);
  const entries = images.map(entryOf).sort((a, b) => b.created - a.created);
  const terminal = p.isTerminal(1);
  const size = p.ioctl(1, 'TIOCGWINSZ') as WindowSize | undefined;
  const width = Math.max(20, size?.columns || 80);
  const tree = new Tree(entries, terminal, width);
  const spaced = entries.some(({ platforms }) => platforms.length > 0);
  const warning =
    "WARNING: This is an experimental feature. The output may change and shouldn't be depended on.";
  main.out.put(`${terminal ? `${WARNING}${warning}${RESET}` : warning}\n`);
  main.out.put(`${legend(terminal, width)}\n\n${tree.titles()}\n`);
  for (const entry of entries) main.out.put(tree.lines(entry, spaced));
  return 0;
}
