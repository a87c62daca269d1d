// docker swarm, node, secret and config.

import { decode } from '../../core/text.ts';
import { epochSeconds, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { encodeBase64 } from '../base64.ts';
import { goMap } from '../../userland/template/values.ts';
import { humanDuration } from '../../containers/units.ts';
import { Api, filterQuery, isCallError } from './api.ts';
import { type Action, type Call, pairsOf } from './command.ts';
import { inspectAll } from './inspect.ts';
import { complain, fail, type ListView, printList } from './output.ts';

export const apiOf = (call: Call): Api => new Api(call.main.process, call.host);

interface SwarmInfo {
  readonly JoinTokens: { readonly Worker: string; readonly Manager: string };
}

interface NodeInfo {
  readonly ID: string;
  readonly Spec: { readonly Availability: string };
  readonly Description: { readonly Hostname: string; readonly Engine: { EngineVersion: string } };
  readonly Status: { readonly State: string; readonly Addr: string };
  readonly ManagerStatus: { readonly Leader: boolean; readonly Addr: string };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function joinCommand(token: string, address: string): string {
  return `    docker swarm join --token ${token} ${address}\n`;
}

const init: Action = function* (call) {
  const { flags, main } = call;
  const api = apiOf(call);
  const made = yield* api.post<string>(
    '/swarm/init',
    {},
    {
      ListenAddr: flags.text('listen-addr'),
      AdvertiseAddr: flags.given('advertise-addr') ? flags.text('advertise-addr') : '',
    },
  );
  if (isCallError(made)) return yield* fail(call, made.text);
  const swarm = yield* api.get<SwarmInfo>('/swarm');
  const node = yield* api.get<NodeInfo>('/nodes/self');
  if (isCallError(swarm)) return yield* fail(call, swarm.text);
  if (isCallError(node)) return yield* fail(call, node.text);
  main.out.put(
    `Swarm initialized: current node (${made}) is now a manager.\n\nTo add a worker to this swarm, run the following command:\n\n${joinCommand(swarm.JoinTokens.Worker, node.ManagerStatus.Addr)}\nTo add a manager to this swarm, run 'docker swarm join-token manager' and follow the instructions.\n`,
  );
  return 0;
};

const leave: Action = function* (call) {
  const left = yield* apiOf(call).post('/swarm/leave', { force: call.flags.on('force') });
  if (isCallError(left)) return yield* fail(call, left.text);
  call.main.out.put('Node left the swarm.\n');
  return 0;
};

const join: Action = function* (call) {
  const joined = yield* apiOf(call).post('/swarm/join', {}, { RemoteAddrs: [call.args[0]] });
  if (isCallError(joined) && joined.message.startsWith('drydock:'))
    return yield* notSimulated(call.main, 'docker swarm join');
  return isCallError(joined) ? yield* fail(call, joined.text) : 0;
};

const joinToken: Action = function* (call) {
  const { args, flags, main } = call;
  const api = apiOf(call);
  const [role = ''] = args;
  if (role !== 'worker' && role !== 'manager') return yield* fail(call, `unknown role ${role}`);
  if (flags.on('rotate')) {
    const rotated = yield* api.post('/swarm/update', {
      version: 1,
      [role === 'worker' ? 'rotateWorkerToken' : 'rotateManagerToken']: true,
    });
    if (isCallError(rotated)) return yield* fail(call, rotated.text);
    if (!flags.on('quiet')) main.out.put(`Successfully rotated ${role} join token.\n\n`);
  }
  const swarm = yield* api.get<SwarmInfo>('/swarm');
  if (isCallError(swarm)) return yield* fail(call, swarm.text);
  const token = role === 'worker' ? swarm.JoinTokens.Worker : swarm.JoinTokens.Manager;
  if (flags.on('quiet')) {
    main.out.put(`${token}\n`);
    return 0;
  }
  const node = yield* api.get<NodeInfo>('/nodes/self');
  if (isCallError(node)) return yield* fail(call, node.text);
  main.out.put(
    `To add a ${role} to this swarm, run the following command:\n\n${joinCommand(token, node.ManagerStatus.Addr)}\n`,
  );
  return 0;
};

const NODES: ListView = {
  type: '*node.nodeContext',
  headers: goMap({
    ID: 'ID',
    Self: '',
    Hostname: 'HOSTNAME',
    Status: 'STATUS',
    Availability: 'AVAILABILITY',
    ManagerStatus: 'MANAGER STATUS',
    EngineVersion: 'ENGINE VERSION',
    TLSStatus: 'TLS STATUS',
  }),
  columns: ['ID', 'Hostname', 'Status', 'Availability', 'ManagerStatus', 'EngineVersion'],
  quiet: 'ID',
};

const nodeList: Action = function* (call) {
  const { flags } = call;
  const nodes = yield* apiOf(call).get<NodeInfo[]>('/nodes');
  if (isCallError(nodes)) return yield* fail(call, nodes.text);
  const table = flags.text('format') === '' && !flags.on('quiet');
  const rows = nodes.map((node) => ({
    Availability: capital(node.Spec.Availability),
    EngineVersion: node.Description.Engine.EngineVersion,
    Hostname: node.Description.Hostname,
    ID: table ? `${node.ID} *` : node.ID,
    ManagerStatus: node.ManagerStatus.Leader ? 'Leader' : 'Reachable',
    Self: true,
    Status: capital(node.Status.State),
    TLSStatus: 'Ready',
  }));
  return yield* printList(call, NODES, rows, {
    format: flags.text('format'),
    quiet: flags.on('quiet'),
  });
};

/** Inspects things of one kind by name. */
function inspector(kind: string, path: (name: string) => string): Action {
  return function* (call) {
    const { flags, main } = call;
    if (flags.on('pretty')) return yield* notSimulated(main, `docker ${kind} inspect --pretty`);
    return yield* inspectAll(call, (api, name) => api.get<object>(path(encodeURIComponent(name))));
  };
}

const nodeUpdate: Action = function* (call) {
  const { flags, args, main } = call;
  const [name = ''] = args;
  if (!flags.given('availability'))
    return yield* notSimulated(main, `docker node update ${main.args.slice(2).join(' ')}`);
  const Availability = flags.text('availability');
  const failed = yield* apiOf(call).post(
    `/nodes/${encodeURIComponent(name)}/update`,
    { version: 9 },
    { Availability },
  );
  if (isCallError(failed)) return yield* fail(call, failed.text);
  main.out.put(`${name}\n`);
  return 0;
};

interface FileInfo {
  readonly ID: string;
  readonly CreatedAt: string;
  readonly UpdatedAt: string;
  readonly Spec: { readonly Name: string; readonly Labels: Readonly<Record<string, string>> };
}

/** The commands of secrets or of configs. */
function fileActions(kind: 'secret' | 'config'): Readonly<Record<string, Action>> {
  const view: ListView = {
    type: `*${kind}.${kind}Context`,
    headers: goMap({
      ID: 'ID',
      Name: 'NAME',
      Driver: 'DRIVER',
      CreatedAt: 'CREATED',
      UpdatedAt: 'UPDATED',
      Labels: 'LABELS',
    }),
    columns: ['ID', 'Name', ...(kind === 'secret' ? ['Driver'] : []), 'CreatedAt', 'UpdatedAt'],
    quiet: 'ID',
  };
  return {
    *[`${kind} ls`](call: Call): Routine<number> {
      const found = yield* apiOf(call).get<FileInfo[]>(`/${kind}s`, {
        filters: filterQuery(call.flags.list('filter')),
      });
      if (isCallError(found)) return yield* fail(call, found.text);
      const ago = (time: string): string =>
        `${humanDuration((epochSeconds(call.main.process.now) - Date.parse(time) / 1000) * SECOND)} ago`;
      const rows = found
        .sort((a, b) => (a.Spec.Name < b.Spec.Name ? -1 : 1))
        .map((one) => ({
          CreatedAt: ago(one.CreatedAt),
          Driver: '',
          ID: one.ID,
          Labels: Object.entries(one.Spec.Labels)
            .map(([key, value]) => `${key}=${value}`)
            .join(','),
          Name: one.Spec.Name,
          UpdatedAt: ago(one.UpdatedAt),
        }));
      return yield* printList(call, view, rows, {
        format: call.flags.text('format'),
        quiet: call.flags.on('quiet'),
      });
    },
    *[`${kind} create`](call: Call): Routine<number> {
      const { args, flags, main } = call;
      const [Name = '', file] = args;
      if (file === undefined) return yield* fail(call, `${kind} data is required`);
      const bytes = file === '-' ? yield* main.input.rest() : yield* readFile(main.process, file);
      if (isErrno(bytes))
        return yield* fail(
          call,
          `error reading from ${file}: open ${file}: ${bytes.message.toLowerCase()}`,
        );
      const made = yield* apiOf(call).post<{ ID: string }>(
        `/${kind}s/create`,
        {},
        { Name, Labels: pairsOf(flags.list('label')), Data: encodeBase64(decode(bytes)) },
      );
      if (isCallError(made)) return yield* fail(call, made.text);
      main.out.put(`${made.ID}\n`);
      return 0;
    },
    *[`${kind} rm`](call: Call): Routine<number> {
      let status = 0;
      for (const name of call.args) {
        const gone = yield* apiOf(call).call('DELETE', `/${kind}s/${encodeURIComponent(name)}`);
        if (isCallError(gone)) {
          yield* complain(call.main, gone.text);
          status = 1;
        } else call.main.out.put(`${name}\n`);
      }
      return status;
    },
    [`${kind} inspect`]: inspector(kind, (name) => `/${kind}s/${name}`),
  };
}

export const swarmActions: Readonly<Record<string, Action>> = {
  'swarm init': init,
  'swarm leave': leave,
  'swarm join': join,
  'swarm join-token': joinToken,
  'node ls': nodeList,
  'node inspect': inspector('node', (name) => `/nodes/${name}`),
  'node update': nodeUpdate,
  'service inspect': inspector('service', (name) => `/services/${name}`),
  ...fileActions('secret'),
  ...fileActions('config'),
};
