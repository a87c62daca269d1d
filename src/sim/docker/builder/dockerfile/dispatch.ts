// What each instruction does to its stage (BuildKit's dockerfile2llb): steps in the graph, the image's configuration, its
// history.

import { signalNumber } from '../../../kernel/signals.ts';
import { durationText } from '../../units.ts';
import type { Healthcheck } from '../../../containers/images/oci.ts';
import { dispatchCopy } from './copy.ts';
import { BuildError, hint } from './errors.ts';
import { parsePorts } from './expose.ts';
import type { CommandLine, Instruction, KeyValue } from './instructions.ts';
import { type Env, expand } from './lex.ts';
import { type RuleName, soundsSecret } from './lint.ts';
import { joinPath } from './paths.ts';
import { dispatchRun } from './run.ts';
import { type Command, commitHistory, type Dispatch, type StageState, stepName } from './stage.ts';

type Of<K extends Instruction['kind']> = Extract<Instruction, { kind: K }>;

/** The words of a command with the shell in front where it is in shell form. */
export function withShell(stage: StageState, args: readonly string[]): string[] {
  return [...(stage.image.config.Shell ?? ['/bin/sh', '-c']), args.join(' ')];
}

/** Expands a word with what the stage has set; unknown variables are told. */
export function expander(
  stage: StageState,
  dispatch: Dispatch,
  instruction: Instruction,
): (word: string) => string {
  return (word) => {
    const { text, unmatched } = expand(word, stage.env, { escape: dispatch.escape });
    reportUnset(stage, dispatch, instruction, unmatched);
    return text;
  };
}

/** Tells of variables that nothing has set. */
export function reportUnset(
  stage: StageState,
  dispatch: Dispatch,
  instruction: Instruction,
  unmatched: ReadonlySet<string>,
): void {
  for (const name of unmatched) {
    if (stage.buildArgs.some((arg) => arg.key === name)) continue;
    const near = hint(name, [...stage.env.keys()], true).replace('mean ', 'mean $');
    dispatch.lint.report('UndefinedVar', instruction, name, near);
  }
}

/** The text of an instruction as progress shows it. */
export function shownCode(text: string, env: Env, escape: string): string {
  const upper = text.replace(/^\S+/, (word) => word.toUpperCase());
  try {
    return expand(upper, env, { escape }).text;
  } catch (thrown) {
    if (!(thrown instanceof BuildError)) throw thrown;
    return upper;
  }
}

function quoted(args: readonly string[]): string {
  return `[${args.map((word) => JSON.stringify(word)).join(' ')}]`;
}

function expandPairs(pairs: readonly KeyValue[], word: (text: string) => string): KeyValue[] {
  return pairs.map((pair) => ({ ...pair, key: word(pair.key), value: word(pair.value) }));
}

function dispatchEnv(
  stage: StageState,
  dispatch: Dispatch,
  instruction: Of<'env' | 'label'>,
): void {
  const pairs = expandPairs(instruction.pairs, expander(stage, dispatch, instruction));
  for (const { key, value, legacy } of pairs) {
    if (legacy) dispatch.lint.report('LegacyKeyValueFormat', instruction, instruction.word);
    if (instruction.kind === 'label') {
      stage.image.config.Labels = { ...stage.image.config.Labels, [key]: value };
      continue;
    }
    if (soundsSecret(key)) dispatch.lint.report('SecretsUsedInArgOrEnv', instruction, 'ENV', key);
    setEnv(stage, key, value);
  }
  const words = pairs.map(({ key, value }) => ` ${key}=${value}`);
  commitHistory(stage, instruction.kind.toUpperCase() + words.join(''), false);
}

/** Sets a variable in the image and for the steps that follow. */
function setEnv(stage: StageState, key: string, value: string): void {
  stage.env.set(key, value);
  const env = [...(stage.image.config.Env ?? [])];
  const at = env.findIndex((line) => line.split('=', 1)[0] === key);
  if (at < 0) env.push(`${key}=${value}`);
  else env[at] = `${key}=${value}`;
  stage.image.config.Env = env;
}

function dispatchArg(stage: StageState, dispatch: Dispatch, instruction: Of<'arg'>): void {
  const words = instruction.args.map((arg) => {
    if (soundsSecret(arg.key))
      dispatch.lint.report('SecretsUsedInArgOrEnv', instruction, 'ARG', arg.key);
    const given = dispatch.buildArgs.get(arg.key);
    const value =
      given ??
      (arg.value === undefined
        ? dispatch.globalArgs.get(arg.key)
        : expander(stage, dispatch, instruction)(arg.value));
    if (value !== undefined) stage.env.set(arg.key, value);
    stage.buildArgs.push(value === undefined ? { key: arg.key } : { key: arg.key, value });
    return value === undefined ? arg.key : `${arg.key}=${value}`;
  });
  commitHistory(stage, `ARG ${words.join(' ')}`, false);
}

/** Changes the directory; it is made where an instruction says so. */
export function dispatchWorkdir(
  stage: StageState,
  dispatch: Dispatch,
  path: string,
  command: Command | undefined,
): void {
  const { config } = stage.image;
  if (command) {
    if (!stage.workdirSet && !path.startsWith('/'))
      dispatch.lint.report('WorkdirRelativePath', command.instruction, path);
    stage.workdirSet = true;
  }
  const directory = joinPath(config.WorkingDir ?? '/', path);
  config.WorkingDir = directory;
  if (!command) return;
  if (directory !== '/') {
    const shown = shownCode(command.instruction.code, stage.env, dispatch.escape);
    stage.state = {
      operation: {
        type: 'file',
        actions: [{ type: 'mkdir', path: directory, user: config.User ?? '' }],
      },
      inputs: [stage.state],
      name: stepName(stage, dispatch, shown, command.onBuild),
      lines: command.instruction.lines,
      noCache: stage.noCache,
    };
  }
  commitHistory(stage, `WORKDIR ${directory}`, directory !== '/');
}

function usedOnce(stage: StageState, dispatch: Dispatch, instruction: Instruction): void {
  const before = stage.used.get(instruction.kind);
  if (before)
    dispatch.lint.report(
      'MultipleInstructionsDisallowed',
      { lines: before.lines, comments: instruction.comments },
      instruction.word,
    );
  stage.used.set(instruction.kind, instruction);
}

function commandWords(
  stage: StageState,
  dispatch: Dispatch,
  instruction: Instruction & CommandLine,
): string[] {
  usedOnce(stage, dispatch, instruction);
  if (instruction.json) return [...instruction.args];
  const rule: RuleName = 'JSONArgsRecommended';
  if (!stage.image.config.Shell?.length) dispatch.lint.report(rule, instruction, instruction.word);
  return withShell(stage, instruction.args);
}

function dispatchCommand(
  stage: StageState,
  dispatch: Dispatch,
  instruction: Of<'cmd' | 'entrypoint'>,
): void {
  const args = commandWords(stage, dispatch, instruction);
  const { config } = stage.image;
  if (instruction.kind === 'cmd') {
    config.Cmd = args;
    config.ArgsEscaped = true;
  } else {
    config.Entrypoint = args;
    if (!stage.used.has('cmd')) delete config.Cmd;
  }
  commitHistory(stage, `${instruction.kind.toUpperCase()} ${quoted(args)}`, false);
}

function healthText(health: Healthcheck): string {
  const time = (value: number | undefined): string => durationText(value ?? 0);
  return `{Test:[${(health.Test ?? []).join(' ')}] Interval:${time(health.Interval)} Timeout:${time(health.Timeout)} StartPeriod:${time(health.StartPeriod)} StartInterval:${time(health.StartInterval)} Retries:${health.Retries ?? 0}}`;
}

function stopSignal(stage: StageState, text: string): void {
  const known = /^\d+$/.test(text)
    ? Number(text) > 0 && Number(text) <= 64
    : signalNumber(text.toUpperCase()) !== undefined;
  if (!known) throw new BuildError(`invalid signal: ${text}`);
  stage.image.config.StopSignal = text;
}

const emptyOf = (names: readonly string[]): Record<string, Record<string, never>> =>
  Object.fromEntries(names.map((name) => [name, {}]));

/** Takes one instruction into the stage; it throws a BuildError where it cannot. */
export function dispatchInstruction(stage: StageState, dispatch: Dispatch, command: Command): void {
  const { instruction } = command;
  const { config } = stage.image;
  const word = expander(stage, dispatch, instruction);
  switch (instruction.kind) {
    case 'env':
    case 'label':
      dispatchEnv(stage, dispatch, instruction);
      return;
    case 'arg':
      dispatchArg(stage, dispatch, instruction);
      return;
    case 'run':
      dispatchRun(stage, dispatch, command, instruction);
      return;
    case 'copy':
    case 'add':
      dispatchCopy(stage, dispatch, command, instruction);
      return;
    case 'workdir':
      dispatchWorkdir(stage, dispatch, word(instruction.value), command);
      return;
    case 'cmd':
    case 'entrypoint':
      dispatchCommand(stage, dispatch, instruction);
      return;
    case 'maintainer':
      stage.image.author = instruction.value;
      commitHistory(stage, `MAINTAINER ${instruction.value}`, false);
      return;
    case 'user':
      config.User = word(instruction.value);
      commitHistory(stage, `USER ${config.User}`, false);
      return;
    case 'stopsignal':
      stopSignal(stage, word(instruction.value));
      commitHistory(stage, `STOPSIGNAL ${config.StopSignal}`, false);
      return;
    case 'expose': {
      const words = instruction.values.flatMap((port) => {
        const { words: found, unmatched } = expand(port, stage.env, { escape: dispatch.escape });
        reportUnset(stage, dispatch, instruction, unmatched);
        return found;
      });
      const ports = parsePorts(words, dispatch.lint, instruction);
      config.ExposedPorts = { ...config.ExposedPorts, ...emptyOf(ports) };
      commitHistory(stage, `EXPOSE [${ports.join(' ')}]`, false);
      return;
    }
    case 'volume': {
      const paths = instruction.values.map(word);
      config.Volumes = { ...config.Volumes, ...emptyOf(paths) };
      commitHistory(stage, `VOLUME [${paths.join(' ')}]`, false);
      return;
    }
    case 'shell':
      config.Shell = instruction.values;
      commitHistory(stage, `SHELL [${instruction.values.join(' ')}]`, false);
      return;
    case 'healthcheck':
      usedOnce(stage, dispatch, instruction);
      config.Healthcheck = instruction.health;
      commitHistory(stage, `HEALTHCHECK ${healthText(instruction.health)}`, false);
      return;
    case 'onbuild':
      config.OnBuild = [...(config.OnBuild ?? []), instruction.trigger];
      return;
  }
}
