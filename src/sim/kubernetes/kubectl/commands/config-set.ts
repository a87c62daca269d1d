// kubectl config set, unset, set-context, set-cluster, set-credentials, use-, rename- and delete-: entries of kubeconfig
// files and their fields.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { base64Text } from '../../../core/base64.ts';
import { readText } from '../../component/kubeconfig.ts';
import type { Call, Command } from '../command.ts';
import { failure, Helped, usageFailure } from '../failure.ts';
import { type Fields, readKubeconfig, SECTIONS } from '../kubeconfig.ts';
import {
  defaultFile,
  editKubeconfig,
  entryOf,
  type KubeconfigFile,
  type Section,
} from './config-edit.ts';

function* useContext(call: Call): Routine<void> {
  const [name] = call.args;
  if (name === undefined || call.args.length > 1) throw unexpected(call);
  if (name === '') throw failure('empty context names are not allowed');
  const config = yield* readKubeconfig(call.main.process, call.values);
  if (!config.contexts.some((one) => one.name === name))
    throw failure(`no context exists with the name: "${name}"`);
  yield* editKubeconfig(call, (file) => {
    file['current-context'] = name;
  });
  yield* call.out(`Switched to context "${name}".\n`);
}

function* setContext(call: Call): Routine<void> {
  const config = yield* readKubeconfig(call.main.process, call.values);
  const current = call.values.is('current');
  if (call.args.length > 1) throw unexpected(call);
  if (current && call.args.length > 0)
    throw failure('you cannot specify both a context name and --current');
  const name = current ? config.currentContext : call.args[0];
  if (name === undefined || name === '')
    throw failure(
      current
        ? 'no current context is set'
        : 'you must specify a non-empty context name or --current',
    );
  let existed = false;
  yield* editKubeconfig(
    call,
    (file) => {
      const entry = entryOf(file, 'contexts', name);
      existed = entry.existed;
      entry.fields.cluster ??= '';
      entry.fields.user ??= '';
      for (const flag of ['cluster', 'user', 'namespace'])
        if (call.values.changed(flag)) entry.fields[flag] = call.values.text(flag);
    },
    'contexts',
    name,
  );
  yield* call.out(`Context "${name}" ${existed ? 'modified' : 'created'}.\n`);
}

/** Puts a file's path into an entry, absolute; or its content with --embed-certs. */
function* certificateField(call: Call, fields: Fields, flag: string): Routine<void> {
  if (!call.values.changed(flag)) return;
  const path = call.values.text(flag);
  const { process } = call.main;
  if (path !== '' && call.values.is('embed-certs')) {
    const text = yield* readText(process, path);
    if (isErrno(text))
      throw failure(
        `could not stat ${flag} file ${path}: stat ${path}: ${text.message.toLowerCase()}`,
      );
    fields[`${flag}-data`] = base64Text(text);
    delete fields[flag];
    return;
  }
  const folder = process.getcwd();
  fields[flag] =
    path === '' || path.startsWith('/') || isErrno(folder)
      ? path
      : `${folder === '/' ? '' : folder}/${path}`.replaceAll('/./', '/');
  if (path !== '') delete fields[`${flag}-data`];
}

function* setCluster(call: Call): Routine<void> {
  const { values } = call;
  const name = needName(call);
  if (name === '') throw failure('you must specify a non-empty cluster name');
  const insecure = values.is('insecure-skip-tls-verify');
  if (insecure && values.text('certificate-authority') !== '')
    throw failure('you cannot specify a certificate authority and insecure mode at the same time');
  if (values.is('embed-certs') && values.text('certificate-authority') === '')
    throw failure('you must specify a --certificate-authority to embed');
  const fields: Fields = {};
  for (const flag of ['server', 'tls-server-name', 'proxy-url'])
    if (values.changed(flag)) fields[flag] = values.text(flag);
  if (values.changed('insecure-skip-tls-verify')) fields['insecure-skip-tls-verify'] = insecure;
  yield* certificateField(call, fields, 'certificate-authority');
  yield* setFields(call, 'clusters', name, fields, [
    ...(insecure ? ['certificate-authority', 'certificate-authority-data'] : []),
    ...(fields['certificate-authority'] ? ['certificate-authority-data'] : []),
    ...(fields['certificate-authority-data'] ? ['certificate-authority'] : []),
    ...(values.changed('insecure-skip-tls-verify') && !insecure
      ? ['insecure-skip-tls-verify']
      : []),
  ]);
  yield* call.out(`Cluster "${name}" set.\n`);
}

/** Writes fields of an entry; those in `drop` go first. */
function* setFields(
  call: Call,
  section: Section,
  name: string,
  set: Fields,
  drop: readonly string[] = [],
): Routine<void> {
  yield* editKubeconfig(
    call,
    (file) => {
      const { fields } = entryOf(file, section, name);
      for (const field of drop) delete fields[field];
      Object.assign(fields, set);
      for (const field of drop) if (fields[field] === false) delete fields[field];
    },
    section,
    name,
  );
}

function* setCredentials(call: Call): Routine<void> {
  const { values } = call;
  if (call.args.length !== 1) throw unexpected(call, 'unexpected');
  const name = needName(call);
  if (name === '') throw failure('you must specify a non-empty user name');
  const methods = [
    ...(values.text('token') ? ['--token'] : []),
    ...(values.text('username') || values.text('password') ? ['--username/--password'] : []),
  ];
  if (methods.length > 1)
    throw failure(
      `you cannot specify more than one authentication method at the same time: ${methods.join(', ')}`,
    );
  const files = ['client-certificate', 'client-key'];
  if (values.is('embed-certs') && files.every((flag) => values.text(flag) === ''))
    throw failure('you must specify a --client-certificate or --client-key to embed');
  const fields: Fields = {};
  for (const flag of ['token', 'username', 'password'])
    if (values.changed(flag)) fields[flag] = values.text(flag);
  for (const flag of files) yield* certificateField(call, fields, flag);
  if (values.text('exec-command') !== '') fields.exec = execOf(call);
  if (values.text('auth-provider') !== '')
    fields['auth-provider'] = { config: null, name: values.text('auth-provider') };
  yield* setFields(call, 'users', name, fields, [
    ...files.flatMap((flag) => [
      ...(fields[flag] ? [`${flag}-data`] : []),
      ...(fields[`${flag}-data`] ? [flag] : []),
    ]),
    ...(fields.token ? ['username', 'password'] : []),
    ...(fields.username ? ['token', 'tokenFile'] : []),
  ]);
  yield* call.out(`User "${name}" set.\n`);
}

/** A credential plugin from --exec-command and its kin. */
function execOf({ values }: Call): Fields {
  const pairs = values.list('exec-env').map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return { name, value: value.join('=') };
  });
  const args = values.list('exec-arg');
  return {
    apiVersion: values.text('exec-api-version'),
    args: args.length > 0 ? args : null,
    command: values.text('exec-command'),
    env: pairs.length > 0 ? pairs : null,
    interactiveMode: values.text('exec-interactive-mode') || 'IfAvailable',
    provideClusterInfo: values.is('exec-provide-cluster-info'),
  };
}

/** Too many words, or too few. */
function unexpected({ args }: Call, word = 'Unexpected'): Helped {
  return new Helped(`error: ${word} args: [${args.join(' ')}]`);
}

function needName(call: Call): string {
  const [name] = call.args;
  if (name === undefined || call.args.length > 1) throw unexpected(call);
  return name;
}

function remover(section: Section, word: string): (call: Call) => Routine<void> {
  return function* (call) {
    const [name, ...more] = call.args;
    if (name === undefined || more.length > 0) {
      if (word === 'user') throw usageFailure(call.path, 'user to delete is required');
      throw new Helped('', 0);
    }
    const config = yield* readKubeconfig(call.main.process, call.values);
    const path = defaultFile(call);
    if (!config[section].some((one) => one.name === name))
      throw failure(`cannot delete ${word} ${name}, not in ${path}`);
    if (section === 'contexts' && config.currentContext === name) {
      yield* call.err(
        'warning: this removed your active context, use "kubectl config use-context" to select a different one\n',
      );
    }
    yield* editKubeconfig(
      call,
      (file) => {
        file[section] = (file[section] ?? []).filter((one) => one.name !== name);
      },
      section,
      name,
    );
    yield* call.out(`deleted ${word} ${name} from ${path}\n`);
  };
}

function* renameContext(call: Call): Routine<void> {
  const [from = '', to = ''] = call.args;
  if (call.args.length !== 2) throw unexpected(call);
  if (to === '') throw failure('You must specify a new non-empty context name');
  const config = yield* readKubeconfig(call.main.process, call.values);
  const path = defaultFile(call);
  if (!config.contexts.some((one) => one.name === from))
    throw failure(`cannot rename the context "${from}", it's not in ${path}`);
  if (config.contexts.some((one) => one.name === to))
    throw failure(
      `cannot rename the context "${from}", the context "${to}" already exists in ${path}`,
    );
  yield* editKubeconfig(
    call,
    (file) => {
      file.contexts = (file.contexts ?? []).map((one) =>
        one.name === from ? { ...one, name: to } : one,
      );
      if (file['current-context'] === from) file['current-context'] = to;
    },
    'contexts',
    from,
  );
  yield* call.out(`Context "${from}" renamed to "${to}".\n`);
}

/** The fields that a property path ends in: contexts.NAME.field. */
function property(file: KubeconfigFile, path: string, value: string | undefined): void {
  const [list = '', ...rest] = path.split('.');
  if (list === 'current-context' || list === 'kind' || list === 'apiVersion') {
    if (value === undefined) delete file[list];
    else file[list] = value;
    return;
  }
  if (!(list in SECTIONS)) throw failure(`unable to parse ${path} after [] at api.Config`);
  const section = list as Section;
  const named = (file[section] ?? [])
    .map((one) => String(one.name))
    .sort((a, b) => b.length - a.length)
    .find((one) => rest.join('.') === one || rest.join('.').startsWith(`${one}.`));
  const name = named ?? rest[0] ?? '';
  const field = rest.join('.').slice(name.length + 1);
  if (field === '') {
    if (value === undefined)
      file[section] = (file[section] ?? []).filter((one) => one.name !== name);
    return;
  }
  const { fields } = entryOf(file, section, name);
  if (value === undefined) delete fields[field];
  else fields[field] = value === 'true' || value === 'false' ? value === 'true' : value;
}

function* setProperty(call: Call): Routine<void> {
  const [path = '', value = ''] = call.args;
  if (call.args.length !== 2) throw unexpected(call);
  if (path === '') throw failure('you must specify a property');
  if (value === '') throw failure('you cannot use set to unset a property');
  yield* editKubeconfig(call, (file) => property(file, path, value));
  yield* call.out(`Property "${path}" set.\n`);
}

function* unsetProperty(call: Call): Routine<void> {
  const path = needName(call);
  yield* editKubeconfig(call, (file) => property(file, path, undefined));
  yield* call.out(`Property "${path}" unset.\n`);
}

/** The commands that write. */
export const changing: readonly Command[] = [
  { name: 'delete-cluster', run: remover('clusters', 'cluster') },
  { name: 'delete-context', run: remover('contexts', 'context') },
  { name: 'delete-user', run: remover('users', 'user') },
  { name: 'rename-context', run: renameContext },
  { name: 'set', run: setProperty },
  { name: 'set-cluster', run: setCluster },
  { name: 'set-context', run: setContext },
  { name: 'set-credentials', run: setCredentials },
  { name: 'unset', run: unsetProperty },
  { name: 'use-context', run: useContext },
];
