// kubectl config: reading and changing kubeconfig files.

import { encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { dirName, writeFile } from '../../../userland/libc/whole-file.ts';
import { readText } from '../../component/kubeconfig.ts';
import type { Call, Command } from '../command.ts';
import { Failure, failure } from '../failure.ts';
import {
  type Entry,
  type Fields,
  type Kubeconfig,
  kubeconfigFiles,
  readKubeconfig,
  SECTIONS,
} from '../kubeconfig.ts';
import { printerOf } from '../output/printers.ts';
import { TABLE, tabulate } from '../output/tabwriter.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import { parseYaml, YamlProblem } from '../../../userland/yaml/read.ts';

type Section = keyof typeof SECTIONS;
type File = Fields & { [list in Section]?: Fields[] };

/** Reads the file that is written to, changes it, writes it back. */
function* edit(call: Call, change: (file: File, path: string) => void): Routine<void> {
  const { process } = call.main;
  const files = kubeconfigFiles(process, call.values);
  const path = files[files.length - 1] ?? '';
  const read = yield* readText(process, path);
  const parsed = isErrno(read) || read.trim() === '' ? {} : parseYaml(read);
  const file = (parsed instanceof YamlProblem ? {} : { ...(parsed as File) }) as File;
  change(file, path);
  const whole = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: null,
    contexts: null,
    'current-context': '',
    users: null,
    ...file,
  };
  process.mkdir(dirName(path));
  const failed = yield* writeFile(process, path, encode(toYaml(whole)), 0o600);
  if (failed) throw failure(`open ${path}: ${failed.message.toLowerCase()}`);
}

/** The fields of an entry, made where it is missing. */
function entryOf(file: File, list: Section, name: string): { fields: Fields; existed: boolean } {
  const all = [...(file[list] ?? [])];
  const found = all.find((one) => one.name === name);
  const fields = { ...((found?.[SECTIONS[list]] ?? {}) as Fields) };
  const made = { [SECTIONS[list]]: fields, name };
  file[list] = found ? all.map((one) => (one === found ? made : one)) : [...all, made];
  return { fields, existed: found !== undefined };
}

function shown(config: Kubeconfig, raw: boolean): Fields {
  const list = (section: Section): Fields[] | null => {
    const all = config[section].map(({ name, fields }) => ({
      [SECTIONS[section]]: raw ? fields : hidden(fields),
      name,
    }));
    return all.length > 0 ? all : null;
  };
  return {
    apiVersion: 'v1',
    clusters: list('clusters'),
    contexts: list('contexts'),
    'current-context': config.currentContext,
    kind: 'Config',
    users: list('users'),
  };
}

function hidden(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      key.endsWith('-data')
        ? 'DATA+OMITTED'
        : key === 'token' || key === 'password'
          ? 'REDACTED'
          : value,
    ]),
  );
}

function* view(call: Call): Routine<void> {
  let config = yield* readKubeconfig(call.main.process, call.values);
  if (call.values.is('minify')) {
    const name = call.values.text('context') || config.currentContext;
    const context = config.contexts.find((one) => one.name === name);
    if (!context)
      throw failure(
        name === ''
          ? 'current-context must exist in order to minify'
          : `cannot locate context ${name}`,
      );
    const only = (list: readonly Entry[], wanted: unknown): readonly Entry[] =>
      list.filter((one) => one.name === wanted);
    config = {
      ...config,
      contexts: [context],
      currentContext: name,
      clusters: only(config.clusters, context.fields.cluster),
      users: only(config.users, context.fields.user),
    };
  }
  const document = shown(config, call.values.is('raw'));
  const printer = yield* printerOf(call);
  yield* call.out(printer ? printer.print(document as never) : toYaml(document));
}

function* getContexts(call: Call): Routine<void> {
  const config = yield* readKubeconfig(call.main.process, call.values);
  const names = call.args.length > 0 ? call.args : config.contexts.map(({ name }) => name);
  const chosen = [...names].sort();
  if (call.values.text('output') === 'name') {
    yield* call.out(chosen.map((name) => `${name}\n`).join(''));
    return;
  }
  const missing: string[] = [];
  const rows = chosen.flatMap((name) => {
    const found = config.contexts.find((one) => one.name === name);
    if (!found) {
      missing.push(name);
      return [];
    }
    const { cluster = '', user = '', namespace = '' } = found.fields as Record<string, string>;
    return [
      `${name === config.currentContext ? '*' : ''}\t${name}\t${cluster}\t${user}\t${namespace}\n`,
    ];
  });
  const head = call.values.is('no-headers') ? '' : 'CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n';
  yield* call.out(tabulate(head + rows.join(''), TABLE));
  if (missing.length > 0)
    throw failure(missing.map((name) => `context ${name} not found`).join('\n'));
}

function names(section: Section): (call: Call) => Routine<void> {
  return function* (call) {
    const config = yield* readKubeconfig(call.main.process, call.values);
    yield* call.out(
      `NAME\n${config[section]
        .map(({ name }) => `${name}\n`)
        .sort()
        .join('')}`,
    );
  };
}

function* currentContext(call: Call): Routine<void> {
  const { currentContext: name } = yield* readKubeconfig(call.main.process, call.values);
  if (name === '') throw failure('current-context is not set');
  yield* call.out(`${name}\n`);
}

function* useContext(call: Call): Routine<void> {
  const [name] = call.args;
  if (name === undefined || call.args.length > 1)
    throw new Failure(`error: unexpected args: [${call.args.join(' ')}]`);
  const config = yield* readKubeconfig(call.main.process, call.values);
  if (!config.contexts.some((one) => one.name === name))
    throw failure(`no context exists with the name: "${name}"`);
  yield* edit(call, (file) => {
    file['current-context'] = name;
  });
  yield* call.out(`Switched to context "${name}".\n`);
}

function* setContext(call: Call): Routine<void> {
  const config = yield* readKubeconfig(call.main.process, call.values);
  const current = call.values.is('current');
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
  yield* edit(call, (file) => {
    const entry = entryOf(file, 'contexts', name);
    existed = entry.existed;
    entry.fields.cluster ??= '';
    entry.fields.user ??= '';
    for (const flag of ['cluster', 'user', 'namespace'])
      if (call.values.changed(flag)) entry.fields[flag] = call.values.text(flag);
  });
  yield* call.out(`Context "${name}" ${existed ? 'modified' : 'created'}.\n`);
}

function* setCluster(call: Call): Routine<void> {
  const name = needName(call);
  yield* edit(call, (file) => {
    const { fields } = entryOf(file, 'clusters', name);
    for (const flag of ['server', 'certificate-authority', 'tls-server-name', 'proxy-url'])
      if (call.values.changed(flag)) fields[flag] = call.values.text(flag);
    if (call.values.changed('insecure-skip-tls-verify'))
      fields['insecure-skip-tls-verify'] = call.values.is('insecure-skip-tls-verify');
  });
  yield* call.out(`Cluster "${name}" set.\n`);
}

function* setCredentials(call: Call): Routine<void> {
  const name = needName(call);
  if (
    call.values.changed('token') &&
    (call.values.changed('username') || call.values.changed('password'))
  ) {
    throw failure(
      'you cannot specify more than one authentication method at the same time: --token, --username/--password',
    );
  }
  yield* edit(call, (file) => {
    const { fields } = entryOf(file, 'users', name);
    for (const flag of ['client-certificate', 'client-key', 'token', 'username', 'password'])
      if (call.values.changed(flag)) fields[flag] = call.values.text(flag);
  });
  yield* call.out(`User "${name}" set.\n`);
}

function needName(call: Call): string {
  const [name] = call.args;
  if (name === undefined || call.args.length > 1)
    throw new Failure(
      `error: Unexpected args: [${call.args.join(' ')}]\nSee '${call.path} -h' for help and examples`,
    );
  return name;
}

function remover(section: Section, word: string): (call: Call) => Routine<void> {
  return function* (call) {
    const name = needName(call);
    const config = yield* readKubeconfig(call.main.process, call.values);
    const path = config.files[config.files.length - 1] ?? '';
    if (!config[section].some((one) => one.name === name))
      throw failure(`cannot delete ${word} ${name}, not in ${path}`);
    if (section === 'contexts' && config.currentContext === name) {
      yield* call.err(
        'warning: this removed your active context, use "kubectl config use-context" to select a different one\n',
      );
    }
    yield* edit(call, (file) => {
      file[section] = (file[section] ?? []).filter((one) => one.name !== name);
    });
    yield* call.out(`deleted ${word} ${name} from ${path}\n`);
  };
}

function* renameContext(call: Call): Routine<void> {
  const [from = '', to = ''] = call.args;
  const config = yield* readKubeconfig(call.main.process, call.values);
  const path = config.files[config.files.length - 1] ?? '';
  if (!config.contexts.some((one) => one.name === from))
    throw failure(`cannot rename the context "${from}", it's not in ${path}`);
  if (config.contexts.some((one) => one.name === to))
    throw failure(
      `cannot rename the context "${from}", the context "${to}" already exists in ${path}`,
    );
  yield* edit(call, (file) => {
    file.contexts = (file.contexts ?? []).map((one) =>
      one.name === from ? { ...one, name: to } : one,
    );
    if (file['current-context'] === from) file['current-context'] = to;
  });
  yield* call.out(`Context "${from}" renamed to "${to}".\n`);
}

/** The fields that a property path ends in: contexts.NAME.field. */
function property(file: File, path: string, value: string | undefined): void {
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
  if (call.args.length !== 2)
    throw new Failure(
      `error: Unexpected args: [${call.args.join(' ')}]\nSee '${call.path} -h' for help and examples`,
    );
  yield* edit(call, (file) => property(file, path, value));
  yield* call.out(`Property "${path}" set.\n`);
}

function* unsetProperty(call: Call): Routine<void> {
  const path = needName(call);
  yield* edit(call, (file) => property(file, path, undefined));
  yield* call.out(`Property "${path}" unset.\n`);
}

export const config: Command = {
  name: 'config',
  commands: [
    { name: 'current-context', run: currentContext },
    {
      name: 'delete-cluster',
      run: remover('clusters', 'cluster'),
    },
    {
      name: 'delete-context',
      run: remover('contexts', 'context'),
    },
    {
      name: 'delete-user',
      run: remover('users', 'user'),
    },
    {
      name: 'get-clusters',
      run: names('clusters'),
    },
    {
      name: 'get-contexts',
      run: getContexts,
    },
    { name: 'get-users', run: names('users') },
    {
      name: 'rename-context',
      run: renameContext,
    },
    {
      name: 'set',
      run: setProperty,
    },
    {
      name: 'set-cluster',
      run: setCluster,
    },
    {
      name: 'set-context',
      run: setContext,
    },
    {
      name: 'set-credentials',
      run: setCredentials,
    },
    { name: 'unset', run: unsetProperty },
    {
      name: 'use-context',
      run: useContext,
    },
    {
      name: 'view',
      run: view,
    },
  ],
};
