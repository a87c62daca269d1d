// kubectl config: what kubeconfig files say; what changes them has its own file.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { dirName } from '../../../userland/libc/whole-file.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import { base64Text } from '../../../core/base64.ts';
import { readText } from '../../component/kubeconfig.ts';
import type { Call, Command } from '../command.ts';
import { failure } from '../failure.ts';
import {
  type Entry,
  type Fields,
  type Kubeconfig,
  readKubeconfig,
  SECTIONS,
} from '../kubeconfig.ts';
import { printerOf } from '../output/printers.ts';
import { TABLE, tabulate } from '../output/tabwriter.ts';
import type { Section } from './config-edit.ts';
import { changing } from './config-set.ts';

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
  if (call.values.is('flatten')) config = yield* flattened(call, config);
  const document = shown(config, call.values.is('raw') || call.values.is('flatten'));
  const printer = yield* printerOf(call);
  yield* call.out(printer ? printer.print(document as never) : toYaml(document));
}

/** Files that entries name become part of them. */
function* flattened(call: Call, config: Kubeconfig): Routine<Kubeconfig> {
  const flatten = function* (list: readonly Entry[]): Routine<Entry[]> {
    const out: Entry[] = [];
    for (const entry of list) {
      const fields = { ...entry.fields };
      for (const field of ['certificate-authority', 'client-certificate', 'client-key']) {
        const path = fields[field];
        if (typeof path !== 'string' || path === '') continue;
        const where = path.startsWith('/') ? path : `${dirName(entry.file)}/${path}`;
        const text = yield* readText(call.main.process, where);
        if (isErrno(text)) throw failure(`open ${where}: ${text.message.toLowerCase()}`);
        fields[`${field}-data`] = base64Text(text);
        delete fields[field];
      }
      out.push({ ...entry, fields });
    }
    return out;
  };
  return {
    ...config,
    clusters: yield* flatten(config.clusters),
    users: yield* flatten(config.users),
  };
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

export const config: Command = {
  name: 'config',
  commands: [
    { name: 'current-context', run: currentContext },
    { name: 'get-clusters', run: names('clusters') },
    { name: 'get-contexts', run: getContexts },
    { name: 'get-users', run: names('users') },
    { name: 'view', run: view },
    ...changing,
  ],
};
