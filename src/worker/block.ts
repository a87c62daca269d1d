// The runnable fences of a note: what is typed, what files are put, and what is expected of them. The same
// reading serves the build, which makes the results, and the page, which runs them.

/** One command as typed at the prompt, continuations included, and what is typed into the program then. */
export interface Command {
  readonly text: string;
  /** Lines for the running program; one that begins with `^` is a control key (`^C`, `^D`). */
  readonly typed: readonly string[];
}

/** A step of a note: the commands of one block, or a file that is put into the lab. */
export interface Step {
  /** The block's name within its page: `run-2`, `file-pod-yaml`, or what `id=` says. */
  readonly id: string;
  readonly lab: string;
  /** The lab starts anew with this step. */
  readonly fresh: boolean;
  /** Runs, but is not shown. */
  readonly hidden: boolean;
  readonly commands: readonly Command[];
  /** The path of the file that the step puts, and the text as the note has it. */
  readonly file: { readonly path: string; readonly text: string } | undefined;
  /** The status that each command must have; an expected list shorter than that is right-aligned. */
  readonly exits: readonly number[];
  /** Nanoseconds that the step lasts: a command that still runs then gets Ctrl-C, and what is left passes. */
  readonly lasts: number | undefined;
}

/** A step together with the fence that it was read from. */
export interface FencedStep extends Step {
  readonly language: string;
  readonly meta: string;
  readonly source: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** The meta words of a fence. Flags have the value `''`. */
export type Meta = ReadonlyMap<string, string>;

const META_WORDS = ['run', 'file', 'exit', 'until', 'lab', 'fresh', 'hidden', 'id'];
const UNITS: Readonly<Record<string, number>> = { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Reads `run exit=1 until='2m'`; throws with the word that it does not know. */
export function parseMeta(raw: string): Meta {
  const words = new Map<string, string>();
  for (const match of raw.matchAll(/([^\s=]+)(?:=(?:'([^']*)'|"([^"]*)"|(\S+)))?/g)) {
    const name = match[1] ?? '';
    if (!META_WORDS.includes(name)) throw new Error(`unknown word in a fence: ${name}`);
    words.set(name, match[2] ?? match[3] ?? match[4] ?? '');
  }
  return words;
}

/** Reads `90s`, `2m`, `1h30m` as nanoseconds. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) {
    throw new Error(`not a duration: ${text}`);
  }
  return parts.reduce((sum, part) => sum + Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0), 0);
}

/** Reads the lines of a `console run` fence: `$ ` a command, `> ` more of it, `< ` typed into it. */
export function parseCommands(source: string): Command[] {
  const commands: { text: string; typed: string[] }[] = [];
  for (const line of source.split('\n')) {
    const last = commands.at(-1);
    const rest = line.slice(2);
    if (line.startsWith('$ ')) commands.push({ text: rest, typed: [] });
    else if (/^> ?/.test(line) && last && last.typed.length === 0) last.text += `\n${rest}`;
    else if (/^< ?/.test(line) && last) last.typed.push(rest);
    else if (line.trim() !== '') throw new Error(`a line that is not typed: ${line}`);
  }
  return commands;
}

/** The command that puts a file into a lab: a here-document, as one would type it. */
export function fileCommand(path: string, text: string): Command {
  let end = 'END';
  while (text.split('\n').includes(end)) end += '_';
  const slash = path.lastIndexOf('/');
  const folder = slash > 0 ? `mkdir -p ${quote(path.slice(0, slash))} && ` : '';
  return { text: `${folder}cat > ${quote(path)} <<'${end}'\n${text}\n${end}`, typed: [] };
}

/** The steps of a note in order. `lab` is the front matter's. Throws with the line that is wrong. */
export function noteSteps(markdown: string, lab: string): FencedStep[] {
  const steps: FencedStep[] = [];
  let runs = 0;
  for (const fence of fences(markdown)) {
    try {
      const meta = parseMeta(fence.meta);
      if (!meta.has('run') && !meta.has('file')) continue;
      if (meta.has('run')) runs++;
      const step = { ...stepOf(fence.source, meta, lab, runs), ...fence };
      if (steps.some((other) => other.id === step.id)) throw new Error(`id ${step.id} is taken`);
      if (steps.some((other) => other.source === step.source && other.meta === step.meta)) {
        throw new Error('the same fence stands above; give one an id=');
      }
      steps.push(step);
    } catch (error) {
      throw new Error(`line ${fence.line}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return steps;
}

/** The steps that must have run before `step`, in order: those above it in the same lab since it was fresh. */
export function stepsBefore<S extends Step>(steps: readonly S[], step: S): S[] {
  const above = steps.slice(0, steps.indexOf(step)).filter((other) => other.lab === step.lab);
  if (step.fresh) return [];
  let from = above.length - 1;
  while (from > 0 && !above[from]?.fresh) from--;
  return above.slice(Math.max(from, 0));
}

/** The status expected of command `index` of a step. */
export function expectedExit(step: Step, index: number): number {
  return step.exits[index - (step.commands.length - step.exits.length)] ?? 0;
}

function stepOf(source: string, meta: Meta, lab: string, runs: number): Step {
  const path = meta.get('file');
  const until = meta.get('until');
  const exit = meta.get('exit');
  return {
    id:
      meta.get('id') ??
      (path !== undefined ? `file-${path.replaceAll(/[^\w-]+/g, '-')}` : `run-${runs}`),
    lab: meta.get('lab') ?? lab,
    fresh: meta.has('fresh'),
    hidden: meta.has('hidden'),
    commands: path !== undefined ? [fileCommand(path, source)] : parseCommands(source),
    file: path !== undefined ? { path, text: source } : undefined,
    exits: exit !== undefined ? exit.split(',').map(Number) : [],
    lasts: until !== undefined ? parseDuration(until) : undefined,
  };
}

function* fences(
  markdown: string,
): Generator<{ language: string; meta: string; source: string; line: number }> {
  const lines = markdown.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const open = /^(\s*)(`{3,})(\S*)\s*(.*?)\s*$/.exec(lines[i] ?? '');
    if (!open) continue;
    const [, indent = '', ticks = '', language = '', meta = ''] = open;
    const line = i + 1;
    const body: string[] = [];
    for (i++; i < lines.length && lines[i]?.trim() !== ticks; i++) {
      body.push((lines[i] ?? '').replace(indent, ''));
    }
    yield { language, meta, source: body.join('\n'), line };
  }
}

function quote(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
