// The cluster that a release goes to (pkg/kube): who is asked, what it serves, and manifests as objects with the resources
// that serve them.

import { Content } from '../../../core/content.ts';
import type { Routine } from '../../../core/wait.ts';
import { FlagValues } from '../../../etcd/cobra/flags.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { httpRequest, isHttpFailure } from '../../../userland/http/client.ts';
import type { Main } from '../../../userland/libc/stdio.ts';
import { failureText, targetOf } from '../../component/connect.ts';
import {
  type ApiResource,
  type Discovery,
  discover,
  discoveryOf,
  resourceOfKind,
} from '../../kubectl/discovery.ts';
import { Failure } from '../../kubectl/failure.ts';
import { GLOBAL_FLAGS } from '../../kubectl/global-flags.ts';
import { connectionOf } from '../../kubectl/kubeconfig.ts';
import { objectsOf } from '../../kubectl/manifests.ts';
import { type KubeObject, type RestClient, restClient } from '../../kubectl/rest.ts';
import { HelmError } from '../chart.ts';
import type { Call } from '../command.ts';

/** An object of a manifest with the resource that serves it. */
export interface Item {
  readonly object: KubeObject;
  readonly resource: ApiResource;
  readonly namespace: string;
  readonly name: string;
}

export interface Cluster {
  readonly main: Main;
  readonly process: Process;
  readonly client: RestClient;
  readonly namespace: string;
  /** What is served, asked for at first use and again after CustomResourceDefinitions came. */
  discovery(anew?: boolean): Routine<Discovery>;
}

export const MANAGER = 'helm';

/** How helm's flags and variables are called among kubectl's. */
const SETTINGS: readonly (readonly [flag: string, variable: string, kubectl: string])[] = [
  ['kubeconfig', 'KUBECONFIG', 'kubeconfig'],
  ['kube-context', 'HELM_KUBECONTEXT', 'context'],
  ['kube-apiserver', 'HELM_KUBEAPISERVER', 'server'],
  ['kube-token', 'HELM_KUBETOKEN', 'token'],
  [
    'kube-insecure-skip-tls-verify',
    'HELM_KUBEINSECURE_SKIP_TLS_VERIFY',
    'insecure-skip-tls-verify',
  ],
  ['namespace', 'HELM_NAMESPACE', 'namespace'],
];

function connectionFlags({ main, flags }: Call): FlagValues {
  const values = new FlagValues(GLOBAL_FLAGS);
  for (const [flag, variable, name] of SETTINGS) {
    const given = flags.changed(flag) ? flags.text(flag) : main.process.environment.get(variable);
    // $KUBECONFIG may name several files, which the reader of kubeconfigs takes apart itself.
    if (given && !(name === 'kubeconfig' && !flags.changed(flag))) values.set(name, given);
  }
  return values;
}

/** The message of what the server or the connection refused. */
export function sayProblem(problem: unknown): string {
  if (problem instanceof HelmError) return problem.message;
  if (!(problem instanceof Failure)) throw problem;
  return problem.status?.message ?? problem.message.replace(/^error: /i, '');
}

/** The namespace that the command line and the kubeconfig name. */
export function* namespaceOf(call: Call): Routine<string> {
  return (yield* connect(call)).namespace;
}

/** A client of the cluster that the command line names; nothing is asked of it yet. */
export function* connect(call: Call): Routine<Cluster> {
  const { main, flags } = call;
  try {
    const connection = yield* connectionOf(main.process, connectionFlags(call));
    const user = flags.text('kube-as-user');
    const client = restClient(main, connection, user === '' ? {} : { 'impersonate-user': user });
    let known: Discovery | undefined;
    return {
      main,
      process: main.process,
      client,
      namespace: connection.namespace,
      *discovery(anew = false) {
        if (anew || !known) known = discoveryOf(yield* discover(client));
        return known;
      },
    };
  } catch (problem) {
    throw new HelmError(`kubernetes cluster unreachable: ${sayProblem(problem)}`);
  }
}

/** The server's version; throws HelmError where it does not answer (IsReachable). */
export function* serverVersion({ process, client }: Cluster): Routine<string> {
  const { connection } = client;
  const target = targetOf(connection);
  const headers = {
    host: `${target.host}:${target.port}`,
    ...(connection.token ? { authorization: `Bearer ${connection.token}` } : {}),
  };
  const request = {
    method: 'GET',
    path: '/version',
    query: new Map(),
    headers,
    body: Content.empty,
  };
  const answer = yield* httpRequest(process, target, request);
  if (isHttpFailure(answer))
    throw new HelmError(
      `kubernetes cluster unreachable: Get "${connection.server}/version": ${failureText(answer, target)}`,
    );
  const { gitVersion } = (answer.body?.json() ?? {}) as { gitVersion?: string };
  if (answer.status >= 400 || !gitVersion)
    throw new HelmError(
      'kubernetes cluster unreachable: the server has asked for the client to provide credentials',
    );
  return gitVersion;
}

/** The objects of a manifest; throws HelmError where one is unreadable or nothing serves it. */
export function* build(cluster: Cluster, manifest: string): Routine<Item[]> {
  const found = objectsOf(manifest, '');
  const [unreadable] = found.failures;
  if (unreadable)
    throw new HelmError(
      unreadable.message
        .replace(/^error: /, '')
        .replace(
          '; if you choose to ignore these errors, turn validation off with --validate=false',
          '',
        ),
    );
  let discovery = yield* cluster.discovery();
  const items: Item[] = [];
  const problems: string[] = [];
  for (const { object } of found.manifests) {
    const { apiVersion = '', kind = '', metadata = {} } = object;
    let resource = resourceOfKind(discovery, apiVersion, kind);
    if (!resource) {
      discovery = yield* cluster.discovery(true);
      resource = resourceOfKind(discovery, apiVersion, kind);
    }
    const { name = '' } = metadata;
    if (!resource) {
      problems.push(
        `resource mapping not found for name: "${name}" namespace: "${metadata.namespace ?? ''}" from "": no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first`,
      );
      continue;
    }
    const namespace = resource.namespaced ? metadata.namespace || cluster.namespace : '';
    const placed = resource.namespaced ? { ...metadata, namespace } : metadata;
    items.push({ object: { ...object, metadata: placed }, resource, namespace, name });
  }
  const [first, ...more] = problems;
  if (first !== undefined)
    throw new HelmError(more.length === 0 ? first : `[${problems.join(', ')}]`);
  return items;
}
