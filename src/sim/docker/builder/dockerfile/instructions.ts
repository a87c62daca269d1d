// The instructions of a Dockerfile with their flags and operands (BuildKit's frontend/dockerfile/instructions): what each
// takes, and what it says of what it does not.

import type { Healthcheck } from '../../../containers/images/oci.ts';
import { parseDuration } from '../../units.ts';
import { BuildError, hint, type Lines } from './errors.ts';
import { FLAGS, Flags } from './flags.ts';
import type { Env } from './lex.ts';
import { type Mount, mountOf } from './mount.ts';
import { type Heredoc, heredocOf, INSTRUCTIONS, type Node, parseDockerfile } from './parser.ts';

/** What every instruction has. */
interface Common {
  /** The word as it was typed. */
  readonly word: string;
  /** The whole instruction on one line. */
  readonly code: string;
  readonly lines: Lines;
  readonly comments: readonly string[];
}

export interface KeyValue {
  readonly key: string;
  readonly value: string;
  /** Written `KEY value`. */
  readonly legacy: boolean;
}

/** The words of CMD, ENTRYPOINT and RUN. */
export interface CommandLine {
  readonly args: readonly string[];
  readonly json: boolean;
  readonly heredocs: readonly Heredoc[];
}

export interface CopyLike {
  readonly sources: readonly string[];
  readonly documents: readonly Heredoc[];
  readonly destination: string;
  readonly chown: string;
  readonly chmod: string;
  readonly link: boolean;
  readonly exclude: readonly string[];
}

export type Instruction = Common &
  (
    | { readonly kind: 'env' | 'label'; readonly pairs: readonly KeyValue[] }
    | { readonly kind: 'arg'; readonly args: readonly { key: string; value?: string }[] }
    | ({ readonly kind: 'copy'; readonly from: string; readonly parents: boolean } & CopyLike)
    | ({
        readonly kind: 'add';
        readonly checksum: string;
        readonly keepGitDir: boolean;
        readonly unpack: boolean | undefined;
      } & CopyLike)
    | ({
        readonly kind: 'run';
        readonly mounts: (env: Env) => readonly Mount[];
        /** What each mount is from, before anything is expanded. */
        readonly mountsFrom: readonly string[];
        readonly network: string;
        readonly security: string;
      } & CommandLine)
    | ({ readonly kind: 'cmd' | 'entrypoint' } & CommandLine)
    | { readonly kind: 'maintainer' | 'workdir' | 'user' | 'stopsignal'; readonly value: string }
    | { readonly kind: 'expose' | 'volume' | 'shell'; readonly values: readonly string[] }
    | { readonly kind: 'healthcheck'; readonly health: Healthcheck }
    | { readonly kind: 'onbuild'; readonly trigger: string }
  );

export interface Stage extends Common {
  readonly base: string;
  /** In lower case; empty where it has none. */
  readonly name: string;
  readonly platform: string;
  readonly instructions: readonly Instruction[];
}

export interface Program {
  /** ARGs before the first FROM. */
  readonly metaArgs: readonly Extract<Instruction, { kind: 'arg' }>[];
  readonly stages: readonly Stage[];
}

const atLeastOne = (name: string): BuildError =>
  new BuildError(`${name} requires at least one argument`);

function one(node: Node): string {
  const [value] = node.args;
  if (value === undefined || node.args.length !== 1)
    throw new BuildError(`${node.word.toUpperCase()} requires exactly one argument`);
  return value;
}

function some(node: Node): readonly string[] {
  if (node.args.length === 0) throw atLeastOne(node.word.toUpperCase());
  return node.args;
}

function pairsOf(node: Node): KeyValue[] {
  const name = node.word.toUpperCase();
  const words = some(node);
  const pairs: KeyValue[] = [];
  for (let i = 0; i < words.length; i += 3) {
    const [key = '', value = '', delimiter = ''] = words.slice(i, i + 3);
    if (key === '') throw new BuildError(`${name} names can not be blank`);
    pairs.push({ key, value, legacy: delimiter === '' });
  }
  return pairs;
}

function argsOf(node: Node): { key: string; value?: string }[] {
  return some(node).map((word) => {
    const equals = word.indexOf('=');
    if (equals === 0) throw new BuildError('ARG names can not be blank');
    return equals < 0
      ? { key: word }
      : { key: word.slice(0, equals), value: word.slice(equals + 1) };
  });
}

function copyOf(node: Node, flags: Flags): CopyLike {
  const name = node.word.toUpperCase();
  const words = node.args.slice(0, -1);
  const destination = node.args.at(-1) ?? '';
  if (heredocOf(destination))
    throw new BuildError(`${name} cannot accept a heredoc as a destination`);
  const announced = words.flatMap((word) => heredocOf(word)?.name ?? []);
  return {
    sources: words.filter((word) => !heredocOf(word)),
    documents: announced.flatMap((doc) => node.heredocs.find((h) => h.name === doc) ?? []),
    destination,
    chown: flags.text('chown'),
    chmod: flags.text('chmod'),
    link: flags.on('link'),
    exclude: flags.list('exclude'),
  };
}

/** `--interval` and its kin in nanoseconds. */
function interval(flags: Flags, name: string): number | undefined {
  const text = flags.text(name);
  if (text === '') return undefined;
  const value = parseDuration(text);
  if (value === undefined) {
    const what = /^[+-]?[\d.]+$/.test(text) ? 'missing unit in' : 'invalid';
    throw new BuildError(`time: ${what} duration ${JSON.stringify(text)}`);
  }
  if (value === 0) return undefined;
  if (value < 1_000_000)
    throw new BuildError(`Interval ${JSON.stringify(name)} cannot be less than 1ms`);
  return value;
}

function healthOf(node: Node): Healthcheck {
  const [first = '', ...args] = some(node);
  const type = first.toUpperCase();
  if (type === 'NONE') {
    if (args.length > 0) throw new BuildError('HEALTHCHECK NONE takes no arguments');
    return { Test: ['NONE'] };
  }
  const flags = new Flags(node, FLAGS.healthcheck ?? {});
  if (type !== 'CMD')
    throw new BuildError(`Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`);
  if (args.length === 0) throw new BuildError('Missing command after HEALTHCHECK CMD');
  const retries = flags.text('retries');
  if (retries !== '' && !/^[+-]?\d+$/.test(retries))
    throw new BuildError(`strconv.ParseInt: parsing ${JSON.stringify(retries)}: invalid syntax`);
  if (Number(retries) < 0)
    throw new BuildError(`--retries cannot be negative (${Number(retries)})`);
  const times = {
    Interval: interval(flags, 'interval'),
    Timeout: interval(flags, 'timeout'),
    StartPeriod: interval(flags, 'start-period'),
    StartInterval: interval(flags, 'start-interval'),
    Retries: Number(retries) || undefined,
  };
  const given = Object.entries(times).filter(([, value]) => value !== undefined);
  return { Test: [node.json ? 'CMD' : 'CMD-SHELL', ...args], ...Object.fromEntries(given) };
}

function triggerOf(node: Node): string {
  const word = (some(node)[0] ?? '').toUpperCase();
  if (word === 'ONBUILD')
    throw new BuildError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (word === 'MAINTAINER' || word === 'FROM')
    throw new BuildError(`${word} isn't allowed as an ONBUILD trigger`);
  const documents = node.heredocs.map((doc) => `\n${doc.content}${doc.name}`).join('');
  return node.original.replace(/^\s*ONBUILD\s*/i, '') + documents;
}

function runOf(node: Node): Omit<Extract<Instruction, { kind: 'run' }>, keyof Common> {
  const flags = new Flags(node, FLAGS.run ?? {});
  if (flags.given('device')) throw new BuildError('drydock: RUN --device is not simulated');
  const network = flags.text('network', 'default');
  if (!['default', 'none', 'host'].includes(network))
    throw new BuildError(`invalid network mode ${JSON.stringify(network)}`);
  const security = flags.text('security', 'sandbox');
  if (!['sandbox', 'insecure'].includes(security))
    throw new BuildError(`security ${JSON.stringify(security)} is not valid`);
  return {
    kind: 'run',
    mountsFrom: flags.list('mount').map((text) => mountOf(text).from),
    network,
    security,
    mounts: (env) => flags.list('mount').map((text) => mountOf(text, env)),
    args: node.args,
    json: node.json,
    heredocs: node.heredocs,
  };
}

/** One instruction that is not FROM. */
function instructionOf(node: Node, kind: string): Instruction {
  const common = {
    word: node.word,
    code: node.original.trim(),
    lines: node.lines,
    comments: node.comments,
  };
  if (kind === 'add' || kind === 'copy') {
    if (node.args.length < 2) {
      throw new BuildError(
        `${kind.toUpperCase()} requires at least two arguments, but only one was provided. Destination could not be determined`,
      );
    }
    const flags = new Flags(node, FLAGS[kind] ?? {});
    const copy = copyOf(node, flags);
    if (kind === 'copy')
      return { ...common, kind, ...copy, from: flags.text('from'), parents: flags.on('parents') };
    return {
      ...common,
      kind,
      ...copy,
      checksum: flags.text('checksum'),
      keepGitDir: flags.on('keep-git-dir'),
      unpack: flags.given('unpack') ? flags.on('unpack') : undefined,
    };
  }
  if (kind === 'run') return { ...common, ...runOf(node) };
  if (kind === 'healthcheck') return { ...common, kind, health: healthOf(node) };
  new Flags(node, {});
  switch (kind) {
    case 'env':
    case 'label':
      return { ...common, kind, pairs: pairsOf(node) };
    case 'arg':
      return { ...common, kind, args: argsOf(node) };
    case 'cmd':
    case 'entrypoint':
      return { ...common, kind, args: node.args, json: node.json, heredocs: node.heredocs };
    case 'maintainer':
    case 'workdir':
    case 'user':
    case 'stopsignal':
      return { ...common, kind, value: one(node) };
    case 'expose':
      return { ...common, kind, values: [...some(node)].sort() };
    case 'volume': {
      const values = some(node).map((value) => value.trim());
      if (values.includes('')) throw new BuildError('VOLUME specified can not be an empty string');
      return { ...common, kind, values };
    }
    case 'shell':
      if (node.args.length > 0 && !node.json)
        throw new BuildError('SHELL requires the arguments to be in JSON form');
      return { ...common, kind, values: some(node) };
    case 'onbuild':
      return { ...common, kind, trigger: triggerOf(node) };
    default:
      throw new BuildError(
        `unknown instruction: ${node.word}${hint(node.word, INSTRUCTIONS, false)}`,
      );
  }
}

function stageOf(node: Node): Omit<Stage, 'instructions'> {
  const [base = '', as = '', named = ''] = node.args;
  const withName = node.args.length === 3 && as.toLowerCase() === 'as';
  const name = withName ? named.toLowerCase() : '';
  if (withName && !/^[a-z][a-z0-9-_.]*$/.test(name)) {
    throw new BuildError(
      `invalid name for build stage: ${JSON.stringify(named)}, name can't start with a number or contain symbols`,
    );
  }
  if (!withName && node.args.length !== 1)
    throw new BuildError('FROM requires either one or three arguments');
  return {
    word: node.word,
    code: node.original.trim(),
    lines: node.lines,
    comments: node.comments,
    base,
    name,
    platform: new Flags(node, FLAGS.from ?? {}).text('platform'),
  };
}

function onLine(node: Node, thrown: unknown): unknown {
  if (!(thrown instanceof BuildError)) return thrown;
  return new BuildError(`dockerfile parse error on line ${node.lines.start}: ${thrown.message}`, [
    node.lines,
  ]);
}

/** Stages and their instructions; `each` is told of every FROM and ARG as it is written. */
export function readProgram(nodes: readonly Node[], each: (node: Node) => void): Program {
  const metaArgs: Extract<Instruction, { kind: 'arg' }>[] = [];
  const stages: (Omit<Stage, 'instructions'> & { instructions: Instruction[] })[] = [];
  for (const node of nodes) {
    each(node);
    const kind = node.word.toLowerCase();
    let instruction: Instruction;
    try {
      if (kind === 'from') {
        stages.push({ ...stageOf(node), instructions: [] });
        continue;
      }
      instruction = instructionOf(node, kind);
    } catch (thrown) {
      throw onLine(node, thrown);
    }
    const stage = stages.at(-1);
    if (stage) stage.instructions.push(instruction);
    else if (instruction.kind === 'arg') metaArgs.push(instruction);
    else throw new BuildError('no build stage in current context', [node.lines]);
  }
  return { metaArgs, stages };
}

/** The instruction of an ONBUILD trigger, on the lines of the FROM that set it off. */
export function readTrigger(text: string, lines: Lines): Instruction {
  const { nodes } = parseDockerfile(text);
  const [node] = nodes;
  if (!node || nodes.length !== 1)
    throw new BuildError('onbuild trigger should be a single expression', [lines]);
  return instructionOf({ ...node, lines }, node.word.toLowerCase());
}
