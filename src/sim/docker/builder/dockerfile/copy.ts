// COPY and ADD: files from the context, from stages, images and heredocs; archives, URLs and repositories for ADD.

import type { CopyAction, FileAction, State, Vertex } from '../llb.ts';
import { gitSource } from '../git-reference.ts';
import { shownCode, reportUnset } from './dispatch.ts';
import { BuildError } from './errors.ts';
import type { Instruction } from './instructions.ts';
import { expand } from './lex.ts';
import { chomped } from './parser.ts';
import { baseName, cleanPath, joinKeepingSlash, joinPath } from './paths.ts';
import { type Command, commitHistory, type Dispatch, type StageState, stepName } from './stage.ts';

type Copy = Extract<Instruction, { kind: 'copy' | 'add' }>;

/** True for what ADD downloads. */
export function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source) && !gitSource(source);
}

function checkMode(chmod: string): void {
  if (chmod === '') return;
  const numeric = /^\d+$/.test(chmod);
  const octal = /^[0-7]+$/.test(chmod) && Number.parseInt(chmod, 8) <= 0o7777;
  if (octal) return;
  if (numeric)
    throw new BuildError(
      `invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777`,
    );
  if (!/^([ugoa]*([+-=]([rwxXst]*|[ugo]))+)(,[ugoa]*([+-=]([rwxXst]*|[ugo]))+)*$/.test(chmod))
    throw new BuildError(`invalid mode: ${chmod}`);
}

function checkChecksum(copy: Copy, sources: readonly string[]): void {
  if (copy.kind !== 'add' || copy.checksum === '') return;
  const [source = ''] = sources;
  if (sources.length !== 1)
    throw new BuildError("checksum can't be specified for multiple sources");
  if (!isUrl(source) && !gitSource(source))
    throw new BuildError('checksum requires HTTP(S) or Git sources');
}

const hasWildcard = (path: string): boolean => /(?<!\\)[*?[]/.test(path);

/** Collects the actions of one instruction with the inputs that they read. */
class Actions {
  readonly inputs: State[] = [];
  readonly actions: FileAction[] = [];
  private readonly common: Pick<CopyAction, 'destination' | 'chown' | 'chmod' | 'exclude'>;

  constructor(common: Actions['common']) {
    this.common = common;
  }

  add(state: State, source: string, more: Partial<CopyAction> = {}): void {
    let input = this.inputs.indexOf(state);
    if (input < 0) input = this.inputs.push(state) - 1;
    this.actions.push({
      type: 'copy',
      input: input + 1,
      source,
      include: [],
      required: true,
      wildcard: false,
      contentsOnly: false,
      unpack: false,
      ...this.common,
      ...more,
    });
  }
}

function warnIgnored(copy: Copy, dispatch: Dispatch, source: string): void {
  const path = cleanPath(source).replace(/^\//, '');
  const root = path === '' || path === '.';
  const ignored = root ? dispatch.ignore?.matchesRoot : dispatch.ignore?.matches(path);
  if (ignored)
    dispatch.lint.report(
      'CopyIgnoredFile',
      copy,
      copy.kind === 'copy' ? 'Copy' : 'Add',
      root ? '.' : path,
    );
}

function addLocal(actions: Actions, copy: Copy, from: State, source: string): void {
  const unpack = copy.kind === 'add' && (copy.unpack ?? true);
  const options = { contentsOnly: true, wildcard: true, unpack };
  if (copy.kind !== 'copy' || !copy.parents)
    return void actions.add(from, joinPath('/', source), {
      ...options,
      required: !hasWildcard(source),
    });
  const pivot = source.indexOf('/./');
  const root = pivot < 0 ? '/' : source.slice(0, pivot);
  const pattern = pivot < 0 ? source : source.slice(pivot + 3);
  actions.add(from, joinPath('/', root), {
    ...options,
    include: [joinPath('/', pattern).slice(1)],
    required: !hasWildcard(source),
  });
}

function addRemote(actions: Actions, copy: Copy, source: string, name: string): boolean {
  const git = gitSource(source);
  if (!git && !isUrl(source)) return false;
  if (copy.kind === 'copy')
    throw new BuildError(
      git ? "source can't be a git ref for COPY" : "source can't be a URL for COPY",
    );
  const vertex = (operation: Vertex['operation']): Vertex => ({
    operation,
    inputs: [],
    name,
    lines: copy.lines,
    noCache: false,
  });
  const { checksum } = copy;
  if (git) {
    const { remote, ref, directory } = git;
    const keepGitDir = copy.keepGitDir;
    const state = vertex({ type: 'git', remote, ref, directory, keepGitDir, checksum });
    actions.add(state, '/', { contentsOnly: true });
    return true;
  }
  const path = /^https?:\/\/[^/?#]*([^?#]*)/.exec(source)?.[1] ?? '';
  const filename = path.replace(/\/+$/, '') === '' ? '__unnamed__' : baseName(path);
  actions.add(vertex({ type: 'http', url: source, filename, checksum }), `/${filename}`, {
    unpack: copy.unpack ?? false,
  });
  return true;
}

function addDocuments(actions: Actions, stage: StageState, dispatch: Dispatch, copy: Copy): void {
  for (const document of copy.documents) {
    let content = document.chomp ? chomped(document.content) : document.content;
    if (document.expand) {
      const expanded = expand(content, stage.env, { plainQuotes: true });
      reportUnset(stage, dispatch, copy, expanded.unmatched);
      content = expanded.text;
    }
    const path = `/${document.name}`;
    const state: Vertex = {
      operation: { type: 'file', actions: [{ type: 'mkfile', path, mode: 0o644, content }] },
      inputs: [undefined],
      name: '[internal] preparing inline document',
      lines: undefined,
      noCache: false,
    };
    actions.add(state, path);
  }
}

/** Adds the step. */
export function dispatchCopy(
  stage: StageState,
  dispatch: Dispatch,
  command: Command,
  copy: Copy,
): void {
  const word = (text: string): string => {
    const { text: result, unmatched } = expand(text, stage.env, { escape: dispatch.escape });
    reportUnset(stage, dispatch, copy, unmatched);
    return result;
  };
  const sources = copy.sources.map(word);
  const destination = word(copy.destination);
  const chown = word(copy.chown);
  const chmod = word(copy.chmod);
  checkMode(chmod);
  checkChecksum(copy, sources);
  const [source] = command.sources;
  if (source && !source.dispatched && copy.kind === 'copy')
    throw new BuildError(
      `cannot copy from stage ${JSON.stringify(copy.from)}, it needs to be defined before current stage ${JSON.stringify(stage.name)}`,
    );
  const name = stepName(
    stage,
    dispatch,
    shownCode(copy.code, stage.env, dispatch.escape),
    command.onBuild,
  );
  const actions = new Actions({
    destination: joinKeepingSlash(stage.image.config.WorkingDir ?? '/', destination),
    chown,
    chmod,
    exclude: copy.exclude.map(word),
  });
  for (const path of sources) {
    if (addRemote(actions, copy, path, name)) continue;
    if (!source) {
      warnIgnored(copy, dispatch, path);
      dispatch.contextPaths.add(joinPath('/', path));
    }
    addLocal(actions, copy, source ? source.state : dispatch.context, path);
  }
  addDocuments(actions, stage, dispatch, copy);
  const common = { name, lines: copy.lines, noCache: stage.noCache };
  const operation = { type: 'file', actions: actions.actions } as const;
  if (copy.link && chmod === '') {
    const layer = { ...common, operation, inputs: [undefined, ...actions.inputs] };
    stage.state = { ...common, operation: { type: 'merge' }, inputs: [stage.state, layer] };
  } else stage.state = { ...common, operation, inputs: [stage.state, ...actions.inputs] };
  const flags = [
    copy.kind === 'copy' && copy.parents ? ' --parents' : '',
    chown === '' ? '' : ` --chown=${chown}`,
    chmod === '' ? '' : ` --chmod=${chmod}`,
  ].join('');
  const words = [...sources, ...copy.documents.map((doc) => `<<${doc.name}`), destination];
  commitHistory(stage, `${copy.kind.toUpperCase()}${flags} ${words.join(' ')} # buildkit`, true);
}
