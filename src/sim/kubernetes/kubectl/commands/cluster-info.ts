// kubectl cluster-info: where the control plane and its services answer; dump: lists, and the logs of every container.

import { encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { wholeBody } from '../../../userland/http/client.ts';
import { dirName, makeDirectories, writeFile } from '../../../userland/libc/whole-file.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { Call, Command } from '../command.ts';
import { failure } from '../failure.ts';
import { escapeHtml } from '../output/json.ts';
import { printerOf } from '../output/printers.ts';
import type { KubeObject } from '../rest.ts';

interface Service {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly ports?: readonly { readonly name?: string; readonly port: number }[] };
  readonly status?: {
    readonly loadBalancer?: {
      readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
    };
  };
}

/** Where a service is reached: its load balancer, else the API server's proxy. */
function linkOf({ metadata, spec, status }: Service, server: string): string {
  const [ingress] = status?.loadBalancer?.ingress ?? [];
  const ports = spec.ports ?? [];
  if (ingress) {
    const host = ingress.ip || ingress.hostname || '';
    return ports.map(({ port }) => `http://${host}:${port} `).join('');
  }
  const [first] = ports;
  const secure = first?.name === 'https' || first?.port === 443;
  const plain = secure || first?.name ? `:${metadata.name}:${first?.name ?? ''}` : metadata.name;
  const name = secure ? `https${plain}` : plain.replace(/^:/, '');
  return `${server}/api/v1/namespaces/${metadata.namespace}/services/${name}/proxy`;
}

function* showInfo(call: Call): Routine<void> {
  try {
    yield* call.discovery();
    const client = yield* call.client();
    const list = yield* client.call('GET', '/api/v1/namespaces/kube-system/services', {
      query: { labelSelector: 'kubernetes.io/cluster-service=true' },
    });
    const { server } = client.connection;
    yield* call.out(`Kubernetes control plane is running at ${server}\n`);
    for (const service of (list.items ?? []) as Service[]) {
      const name = service.metadata.labels?.['kubernetes.io/name'] || service.metadata.name;
      yield* call.out(`${name} is running at ${linkOf(service, server)}\n`);
    }
  } finally {
    yield* call.out(
      "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n",
    );
  }
}

/** What is dumped of a namespace, by the names of the files. */
const LISTS = {
  events: '/api/v1',
  replicationcontrollers: '/api/v1',
  services: '/api/v1',
  daemonsets: '/apis/apps/v1',
  deployments: '/apis/apps/v1',
  replicasets: '/apis/apps/v1',
  pods: '/api/v1',
} as const;
const FILES: Readonly<Record<string, string>> = {
  replicationcontrollers: 'replication-controllers',
};

/** Where the parts of a dump go. */
type Sink = (name: string, extension: string, text: string) => Routine<void>;

function sinkOf(call: Call): Sink {
  const folder = call.values.text('output-directory');
  const { process } = call.main;
  return function* (name, extension, text) {
    if (folder === '' || folder === '-') return yield* call.out(text);
    const path = `${folder}/${name}${extension}`;
    const above = dirName(path);
    const made = makeDirectories(process, above, 0o755);
    if (made) throw failure(`mkdir ${above}: ${made.message.toLowerCase()}`);
    const written = yield* writeFile(process, path, encode(text));
    if (isErrno(written)) throw failure(`open ${path}: ${written.message.toLowerCase()}`);
  };
}

function* dump(call: Call): Routine<void> {
  const { values } = call;
  const client = yield* call.client();
  const put = sinkOf(call);
  const format = values.text('output') || 'json';
  const extension = format === 'json' || format === 'yaml' ? `.${format}` : '.txt';
  const printer = format === 'json' ? undefined : yield* printerOf(call);
  // Typed objects: their fields stand as the server writes them.
  const shown = (object: KubeObject): string =>
    printer?.print(object) ?? `${escapeHtml(JSON.stringify(object, undefined, 4))}\n`;
  yield* put('nodes', extension, shown(yield* client.call('GET', '/api/v1/nodes')));
  for (const namespace of yield* namespacesOf(call)) {
    for (const [plural, root] of Object.entries(LISTS)) {
      const list = yield* client.call('GET', `${root}/namespaces/${namespace}/${plural}`);
      yield* put(`${namespace}/${FILES[plural] ?? plural}`, extension, shown(list));
      if (plural !== 'pods') continue;
      for (const pod of (list.items ?? []) as Pod[])
        yield* put(`${namespace}/${pod.metadata.name}/logs`, '.txt', yield* logsOf(call, pod));
    }
  }
  const folder = values.text('output-directory');
  if (folder !== '' && folder !== '-') yield* call.out(`Cluster info dumped to ${folder}\n`);
}

function* namespacesOf(call: Call): Routine<readonly string[]> {
  const { values } = call;
  if (values.is('all-namespaces')) {
    const client = yield* call.client();
    const list = yield* client.call('GET', '/api/v1/namespaces');
    return ((list.items ?? []) as KubeObject[]).map(({ metadata }) => metadata?.name ?? '');
  }
  const named = values.list('namespaces');
  return named.length > 0 ? named : ['kube-system', yield* call.namespace()];
}

/** The logs of a pod's containers, those that initialise first. */
function* logsOf(call: Call, { metadata, spec }: Pod): Routine<string> {
  const client = yield* call.client();
  const { name = '', namespace = '' } = metadata;
  let out = '';
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    const what = `logs for container ${container.name} of pod ${namespace}/${name}`;
    const answer = yield* client.raw('GET', `/api/v1/namespaces/${namespace}/pods/${name}/log`, {
      query: { container: container.name },
    });
    const body = yield* wholeBody(answer);
    const refused = answer.status >= 400 ? (body.json() as { message?: string }) : undefined;
    const text = refused ? `Request log error: ${refused.message ?? ''}\n` : body.text();
    out += `==== START ${what} ====\n${text}==== END ${what} ====\n`;
  }
  return out;
}

export const clusterInfo: Command = {
  name: 'cluster-info',
  commands: [{ name: 'dump', run: dump }],
  run: showInfo,
};
