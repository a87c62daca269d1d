// RUN: the process that it is, the mounts that it has, how it is shown.

import { platformText } from '../../../containers/images/oci.ts';
import type { ExecMount, State } from '../llb.ts';
import { withShell } from './dispatch.ts';
import { BuildError } from './errors.ts';
import type { Instruction } from './instructions.ts';
import { expand } from './lex.ts';
import type { Mount } from './mount.ts';
import { chomped, heredocOf } from './parser.ts';
import { baseName, cleanPath, joinPath } from './paths.ts';
import { type Command, commitHistory, type Dispatch, type StageState, stepName } from './stage.ts';

type Run = Extract<Instruction, { kind: 'run' }>;

interface Words {
  readonly args: readonly string[];
  readonly shown: string;
  /** A script of its own, mounted below /dev/pipes. */
  readonly script: { readonly name: string; readonly content: string } | undefined;
}

function summary(content: string): string {
  const [first = '', ...rest] = content.trim().split(/\r?\n/);
  return rest.length > 0 ? `${first}...` : first;
}

/** What RUN's heredocs become: a script, the shell's text, or heredocs of the shell's own. */
function wordsOf(run: Run): Words {
  const [document] = run.heredocs;
  if (!document) return { args: run.args, shown: run.code, script: undefined };
  const [line = ''] = run.args;
  if (!heredocOf(line)) {
    const documents = run.heredocs.map((doc) => `\n${doc.content}${doc.name}`);
    return { args: [line + documents.join('')], shown: run.code, script: undefined };
  }
  const content = document.chomp ? chomped(document.content) : document.content;
  const shown = `${run.code} (${summary(document.content)})`;
  if (content.startsWith('#!'))
    return {
      args: [`/dev/pipes/${document.name}`],
      shown,
      script: { name: document.name, content },
    };
  return { args: [content], shown, script: undefined };
}

/** `|2 A=1 B=2` before the command: the build arguments that the process sees. */
function argumentWords(stage: StageState, args: readonly string[]): string {
  const values = new Map<string, string>();
  for (const arg of stage.buildArgs) values.set(arg.key, stage.env.get(arg.key) ?? arg.value ?? '');
  const words = [...values].map(([key, value]) => `${key}=${value}`);
  return [...(words.length > 0 ? [`|${words.length}`, ...words] : []), ...args].join(' ');
}

class Mounts {
  readonly inputs: State[] = [];
  readonly list: ExecMount[] = [];

  input(state: State): number {
    this.inputs.push(state);
    return this.inputs.length;
  }

  add(mount: Partial<ExecMount> & Pick<ExecMount, 'type' | 'target'>): void {
    this.list.push({
      input: undefined,
      source: '/',
      readOnly: false,
      id: '',
      sharing: '',
      size: 0,
      required: false,
      env: undefined,
      mode: undefined,
      uid: undefined,
      gid: undefined,
      ...mount,
    });
  }
}

function secretMount(mount: Mount): Partial<ExecMount> & Pick<ExecMount, 'type' | 'target'> {
  const id = mount.source || mount.id || baseName(mount.target);
  const target =
    mount.target === '' && mount.env === undefined ? `/run/secrets/${baseName(id)}` : mount.target;
  const { required, env, mode, uid, gid } = mount;
  return { type: 'secret', target, id, required, env, mode, uid, gid };
}

function addMount(
  mounts: Mounts,
  mount: Mount,
  stage: StageState,
  dispatch: Dispatch,
  source: StageState | undefined,
): void {
  const { type, readOnly, size, mode, uid, gid } = mount;
  if (type === 'secret') return void mounts.add(secretMount(mount));
  if (type === 'ssh')
    return void mounts.add({
      type,
      target: mount.target || '/run/buildkit/ssh_agent.0',
      id: mount.id || 'default',
      required: mount.required,
    });
  const target = mount.target.startsWith('/')
    ? cleanPath(mount.target)
    : joinPath(stage.image.config.WorkingDir ?? '/', mount.target);
  if (target === '/') throw new BuildError(`invalid mount target ${JSON.stringify(target)}`);
  if (type === 'tmpfs') return void mounts.add({ type, target, size });
  if (source && !source.dispatched)
    throw new BuildError(
      `cannot mount from stage ${JSON.stringify(mount.from)} to ${JSON.stringify(mount.target)}, stage needs to be defined before current command`,
    );
  const path = joinPath('/', mount.source);
  if (type === 'cache') {
    const state = source?.state;
    const input = state ? mounts.input(state) : undefined;
    const id = mount.id || cleanPath(mount.target);
    return void mounts.add({
      type,
      target,
      input,
      source: path,
      readOnly,
      id,
      sharing: mount.sharing || 'shared',
      mode,
      uid,
      gid,
    });
  }
  if (!source) dispatch.contextPaths.add(path);
  const state = source ? source.state : dispatch.context;
  return void mounts.add({ type, target, input: mounts.input(state), source: path, readOnly });
}

function mountsOf(stage: StageState, dispatch: Dispatch, command: Command, run: Run): Mounts {
  const mounts = new Mounts();
  for (const [i, mount] of run.mounts(stage.env).entries()) {
    const source = mount.from === '' ? undefined : command.sources[i];
    addMount(mounts, mount, stage, dispatch, source);
  }
  return mounts;
}

/** Adds the step. */
export function dispatchRun(
  stage: StageState,
  dispatch: Dispatch,
  command: Command,
  run: Run,
): void {
  const { args: plain, shown, script } = wordsOf(run);
  const args = run.json ? plain : withShell(stage, plain);
  const mounts = mountsOf(stage, dispatch, command, run);
  if (script) {
    const input = mounts.input({
      operation: {
        type: 'file',
        actions: [
          { type: 'mkfile', path: `/${script.name}`, mode: 0o755, content: script.content },
        ],
      },
      inputs: [undefined],
      name: '[internal] preparing inline document',
      lines: undefined,
      noCache: false,
    });
    mounts.add({ type: 'bind', target: '/dev/pipes/', input, readOnly: true });
  }
  const text = shown.replace(/^\S+/, (word) => word.toUpperCase());
  const masked = new Map(stage.env);
  for (const mount of mounts.list) if (mount.env !== undefined) masked.set(mount.env, '****');
  let name: string;
  try {
    name = expand(text, masked, {
      escape: dispatch.escape,
      rawQuotes: true,
      keepUnset: true,
    }).text;
  } catch (thrown) {
    if (!(thrown instanceof BuildError)) throw thrown;
    name = text;
  }
  stage.state = {
    operation: {
      type: 'exec',
      platform: platformText(stage.platform ?? dispatch.target),
      args,
      env: [...stage.env].map(([key, value]) => `${key}=${value}`),
      cwd: stage.image.config.WorkingDir ?? '/',
      user: stage.image.config.User ?? '',
      network: run.network === 'default' ? dispatch.network : run.network,
      insecure: run.security === 'insecure',
      mounts: mounts.list,
      shmSize: dispatch.shmSize,
      hosts: dispatch.hosts.map(({ host, address }) => `${address}\t${host}`),
      ulimits: dispatch.ulimits,
    },
    inputs: [stage.state, ...mounts.inputs],
    name: stepName(stage, dispatch, name, command.onBuild),
    lines: run.lines,
    noCache: stage.noCache,
  };
  commitHistory(stage, `RUN ${argumentWords(stage, args)} # buildkit`, true);
}
