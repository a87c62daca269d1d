// docker context: which daemons there are, and which is meant.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { goMap } from '../../userland/template/values.ts';
import type { Api } from './api.ts';
import type { Action, Call } from './command.ts';
import {
  allContexts,
  type ContextMetadata,
  contextOf,
  DEFAULT_CONTEXT,
  metadataDirectory,
  removeContext,
  storeContext,
  tlsDirectory,
  useContext,
  wrongContextName,
} from './context-store.ts';
import { exportContext, importContext } from './context-transfer.ts';
import { type FlagError, isFlagError, wrongFlag } from './flag-error.ts';
import { inspectAll } from './inspect.ts';
import { complain, ellipsis, escapedHtml, fail, type ListView, printList } from './output.ts';

const CONTEXTS: ListView = {
  type: '*formatter.clientContextContext',
  headers: goMap({
    Name: 'NAME',
    Description: 'DESCRIPTION',
    DockerEndpoint: 'DOCKER ENDPOINT',
    Error: 'ERROR',
  }),
  columns: ['Shown', 'Description', 'DockerEndpoint', 'Error'],
  quiet: 'Name',
};

const current = (call: Call): string => call.context ?? DEFAULT_CONTEXT;

/** DOCKER_HOST is heeded before any context. */
function* warnOfHost(call: Call, text: string): Routine<void> {
  if (!call.main.process.environment.get('DOCKER_HOST')) return;
  yield* complain(
    call.main,
    `Warning: DOCKER_HOST environment variable overrides the active context. To use ${text}, either set the global --context flag, or unset DOCKER_HOST environment variable.`,
  );
}

function rowOf(metadata: ContextMetadata, active: string, Error = ''): Record<string, unknown> {
  return {
    Current: metadata.Name === active,
    Description:
      metadata.Name === DEFAULT_CONTEXT
        ? 'Current DOCKER_HOST based configuration'
        : String(metadata.Metadata.Description ?? ''),
    DockerEndpoint: metadata.Endpoints.docker?.Host ?? '',
    Error: ellipsis(Error, 45),
    Name: metadata.Name,
  };
}

const list: Action = function* (call) {
  const { main, flags } = call;
  const contexts = yield* allContexts(main.process);
  const active = current(call);
  const rows = contexts.map((metadata) => rowOf(metadata, active));
  if (!contexts.some(({ Name }) => Name === active)) {
    const missing = yield* contextOf(main.process, active);
    const error = isFlagError(missing) ? missing.wrong : '';
    rows.push(rowOf({ Name: active, Metadata: {}, Endpoints: {} }, active, error));
  }
  const format = flags.text('format');
  const table = format === '' || format === 'table';
  const shown = rows.map((row) =>
    table && !flags.on('quiet')
      ? { ...row, Shown: `${String(row.Name)}${row.Current ? ' *' : ''}` }
      : row,
  );
  const view = { ...CONTEXTS, headers: goMap({ ...CONTEXTS.headers, Shown: 'NAME' }) };
  const status = yield* printList(call, view, shown, { format, quiet: flags.on('quiet') });
  if (status === 0) {
    yield* main.out.flush();
    yield* warnOfHost(call, 'a context');
  }
  return status;
};

const show: Action = function* (call) {
  call.main.out.put(`${current(call)}\n`);
  return 0;
};

const KEYS = ['from', 'host', 'ca', 'cert', 'key', 'skip-tls-verify'];

/** The endpoint that `--docker host=…` describes. */
function* endpointOf(
  call: Call,
  text: string,
): Routine<ContextMetadata['Endpoints'][string] | FlagError> {
  const pairs = Object.fromEntries(
    text.split(',').map((pair) => {
      const [key = '', ...rest] = pair.split('=');
      return [key, rest.join('=')];
    }),
  );
  const problem = (why: string): FlagError =>
    wrongFlag(`unable to create docker endpoint config: ${why}`);
  const unknown = Object.keys(pairs).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return problem(`unrecognized config key: ${unknown}`);
  if (pairs.from !== undefined) {
    const other = yield* contextOf(call.main.process, pairs.from);
    if (isFlagError(other)) return problem(other.wrong);
    return other.Endpoints.docker ?? { SkipTLSVerify: false };
  }
  const { host = '' } = pairs;
  if (host !== '' && !host.includes('://'))
    return problem(
      `unable to apply docker endpoint options: unable to parse docker host \`${host}\``,
    );
  return {
    ...(host === '' ? {} : { Host: host }),
    SkipTLSVerify: pairs['skip-tls-verify'] === 'true',
  };
}

/** A context as the flags of create ask for it: copied, or with an endpoint of its own. */
function* described(call: Call, Name: string): Routine<ContextMetadata | FlagError> {
  const { flags, main } = call;
  const description = flags.text('description');
  const from = flags.text('from');
  if (from !== '' && flags.given('docker'))
    return wrongFlag('cannot use --docker flag when --from is set');
  if (from !== '' || !flags.given('docker')) {
    const other = yield* contextOf(main.process, from || current(call));
    if (isFlagError(other)) return other;
    const Description = description || other.Metadata.Description;
    return { ...other, Name, Metadata: Description ? { Description } : {} };
  }
  const docker = yield* endpointOf(call, flags.text('docker'));
  if (isFlagError(docker)) return docker;
  const Metadata = description === '' ? {} : { Description: description };
  return { Name, Metadata, Endpoints: { docker } };
}

const create: Action = function* (call) {
  const { main, args } = call;
  const [name = ''] = args;
  const wrong = wrongContextName(name);
  if (wrong !== undefined) return yield* fail(call, wrong);
  if (!isFlagError(yield* contextOf(main.process, name)))
    return yield* fail(call, `context ${JSON.stringify(name)} already exists`);
  const made = yield* described(call, name);
  if (isFlagError(made)) return yield* fail(call, made.wrong);
  yield* storeContext(main.process, made);
  main.out.put(`${name}\n`);
  yield* complain(main, `Successfully created context ${JSON.stringify(name)}`);
  return 0;
};

const update: Action = function* (call) {
  const { main, args, flags } = call;
  const [name = ''] = args;
  const wrong = wrongContextName(name);
  if (wrong !== undefined) return yield* fail(call, wrong);
  const before = yield* contextOf(main.process, name);
  if (isFlagError(before)) return yield* fail(call, before.wrong);
  const docker = flags.given('docker')
    ? yield* endpointOf(call, flags.text('docker'))
    : before.Endpoints.docker;
  if (isFlagError(docker)) return yield* fail(call, docker.wrong);
  const description = flags.text('description');
  const Metadata = description === '' ? before.Metadata : { Description: description };
  const Endpoints = { ...before.Endpoints, ...(docker ? { docker } : {}) };
  yield* storeContext(main.process, { Name: name, Metadata, Endpoints });
  main.out.put(`${name}\n`);
  yield* complain(main, `Successfully updated context ${JSON.stringify(name)}`);
  return 0;
};

const use: Action = function* (call) {
  const { main, args } = call;
  const [name = ''] = args;
  if (name !== DEFAULT_CONTEXT) {
    const wrong = wrongContextName(name);
    if (wrong !== undefined) return yield* fail(call, wrong);
    const found = yield* contextOf(main.process, name);
    if (isFlagError(found)) return yield* fail(call, found.wrong);
  }
  yield* useContext(main.process, name);
  main.out.put(`${name}\n`);
  yield* complain(main, `Current context is now ${JSON.stringify(name)}`);
  if (name !== DEFAULT_CONTEXT) yield* warnOfHost(call, JSON.stringify(name));
  return 0;
};

const remove: Action = function* (call) {
  const { main, args, flags } = call;
  const { process: p } = main;
  const force = flags.on('force');
  const failures: string[] = [];
  for (const name of args) {
    const shown = JSON.stringify(name);
    if (name === DEFAULT_CONTEXT) failures.push('context "default" cannot be removed');
    else if (name === current(call) && !force)
      failures.push(`context ${shown} is in use, set -f flag to force remove`);
    else if (!force && isErrno(p.stat(metadataDirectory(p, name))))
      failures.push(`context ${shown} does not exist`);
    else {
      if (name === current(call)) yield* useContext(p, DEFAULT_CONTEXT);
      removeContext(p, name);
      main.out.put(`${name}\n`);
    }
  }
  return failures.length > 0 ? yield* fail(call, failures.join('\n')) : 0;
};

const inspect: Action = function* (call) {
  const { process: p } = call.main;
  const names = call.args.length > 0 ? call.args : [current(call)];
  const lookup = function* (_api: Api, name: string): Routine<unknown> {
    const metadata = yield* contextOf(p, name);
    if (isFlagError(metadata)) return metadata.wrong;
    const memory = name === DEFAULT_CONTEXT;
    return {
      ...metadata,
      TLSMaterial: {},
      Storage: {
        MetadataPath: memory ? '<IN MEMORY>' : metadataDirectory(p, name),
        TLSPath: memory ? '<IN MEMORY>' : tlsDirectory(p, name),
      },
    };
  };
  return yield* inspectAll({ ...call, args: names }, lookup, escapedHtml);
};

export const contextActions: Readonly<Record<string, Action>> = {
  'context ls': list,
  'context show': show,
  'context create': create,
  'context update': update,
  'context use': use,
  'context rm': remove,
  'context inspect': inspect,
  'context export': exportContext,
  'context import': importContext,
};
