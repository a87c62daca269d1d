// minikube service, service list, tunnel: how what runs in the cluster is reached from outside.

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { SIGINT, SIGTERM } from '../../kernel/signals.ts';
import { type ApiClient, Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { Service, ServicePort } from '../api/types/service.ts';
import { NO_BROWSER } from './addons-command.ts';
import { clientOf, healthy, primaryOf } from './cluster.ts';
import { type Call, type Command, flag } from './command.ts';
import { runHere } from './node-runner.ts';
import type { Profile } from './profile.ts';
import { exitWith } from './reasons.ts';
import { drawTable } from './table.ts';

const HEADINGS = ['NAMESPACE', 'NAME', 'TARGET PORT', 'URL'];

function portName({ name, port }: ServicePort): string {
  return name ? `${name}/${port}` : String(port);
}

/** The URLs of a service's node ports, as --format says. */
function urlsOf(call: Call, ip: string, service: Service): { names: string[]; urls: string[] } {
  const format = call.values.text('format');
  const ports = (service.spec.ports ?? []).filter(({ nodePort }) => nodePort);
  const urls = ports.map((port) =>
    format
      .replace(/\{\{ *\.IP *\}\}/g, ip)
      .replace(/\{\{ *\.Port *\}\}/g, String(port.nodePort))
      .replace(/\{\{ *\.Name *\}\}/g, portName(port)),
  );
  return { names: ports.map(portName), urls };
}

function* notFound(call: Call, name: string, namespace: string): Routine<never> {
  const message = `Service '${name}' was not found in '${namespace}' namespace.\nYou may select another namespace by using 'minikube service ${name} -n <namespace>'. Or list out all the services using 'minikube service list'`;
  return yield* exitWith(call.out, 'SVC_NOT_FOUND', message);
}

/** A service of the type that is reached from outside must have a pod that runs. */
function* checkPods(call: Call, client: ApiClient, service: Service): Routine<void> {
  const { spec, metadata } = service;
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return;
  const labelSelector = Object.entries(spec.selector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const pods = yield* client.list(resources.pods, metadata.namespace ?? '', { labelSelector });
  if (pods instanceof Refusal || pods.items.some(({ status }) => status?.phase === 'Running'))
    return;
  const about = `no running pod for service ${metadata.name} found`;
  yield* exitWith(call.out, 'SVC_UNREACHABLE', `service not available: ${about}`, true);
}

function* service(call: Call): Routine<void> {
  const { args, values, out } = call;
  const all = values.is('all');
  if ((args.length === 0) !== all)
    yield* exitWith(out, 'MK_USAGE', 'You must specify service name(s) or --all');
  const profile = yield* healthy(call);
  const client = yield* clientOf(call, profile);
  const namespace = values.text('namespace');
  const listed = yield* client.list(resources.services, namespace);
  const services = (listed instanceof Refusal ? [] : listed.items).filter(
    ({ metadata }) => all || args.includes(metadata.name ?? ''),
  );
  if (services.length === 0 && all)
    yield* exitWith(
      out,
      'SVC_NOT_FOUND',
      `No services were found in the '${namespace}' namespace.\nYou may select another namespace by using 'minikube service --all -n <namespace>'`,
    );
  if (services.length === 0) yield* notFound(call, args[0] ?? '', namespace);
  const opened: string[][] = [];
  const without: string[] = [];
  for (const one of services) yield* show(call, profile, client, one, opened, without);
  if (without.length > 0)
    yield* out.error(
      'Warning',
      `Services [${without.join(' ')}] have type "ClusterIP" not meant to be exposed, however for local development minikube allows you to access this !`,
    );
  if (values.is('url')) return;
  for (const row of opened) {
    yield* out.step('Celebrate', `Opening service ${namespace}/${row[1]} in default browser...`);
    yield* exitWith(
      out,
      'HOST_BROWSER',
      `open url failed: [${row.join(' ')}]: ${NO_BROWSER}`,
      true,
    );
  }
}

/** Tells one service's URLs. */
function* show(
  call: Call,
  profile: Profile,
  client: ApiClient,
  one: Service,
  opened: string[][],
  without: string[],
): Routine<void> {
  const { values, out } = call;
  const { name = '', namespace = '' } = one.metadata;
  const { names, urls } = urlsOf(call, primaryOf(profile).IP, one);
  const shown = values.is('https') ? urls.map((url) => url.replace(/^http:/, 'https:')) : urls;
  if (!values.is('url')) {
    const row =
      urls.length === 0
        ? [namespace, name, '', 'No node port']
        : [namespace, name, names.join('\n'), urls.join('\n')];
    yield* out.plain(drawTable(HEADINGS, [row]));
  }
  if (urls.length === 0) {
    yield* out.step('Sad', `service ${namespace}/${name} has no node port`);
    without.push(`${namespace}/${name}`);
    return;
  }
  opened.push([namespace, name, names.join('\n'), shown.join('\n')]);
  if (values.is('url')) yield* out.plain(`${shown.join('\n')}\n`);
  yield* checkPods(call, client, one);
}

function* serviceList(call: Call): Routine<void> {
  const { values, out } = call;
  const profile = yield* healthy(call);
  const client = yield* clientOf(call, profile);
  const listed = yield* client.list(resources.services, values.text('namespace'));
  const rows = (listed instanceof Refusal ? [] : listed.items).map((one) => {
    const { names, urls } = urlsOf(call, primaryOf(profile).IP, one);
    const PortNames = urls.length === 0 ? ['No node port'] : names;
    return {
      Namespace: one.metadata.namespace ?? '',
      Name: one.metadata.name ?? '',
      URLs: urls,
      PortNames,
    };
  });
  if (values.text('output').toLowerCase() === 'json') return yield* out.plain(JSON.stringify(rows));
  const cells = rows.map(({ Namespace, Name, URLs, PortNames }) => [
    Namespace,
    Name,
    PortNames.join('\n'),
    URLs.join('\n'),
  ]);
  yield* out.plain(drawTable(HEADINGS, cells));
}

const CHECK = 5 * SECOND;

/** Gives every service of type LoadBalancer its cluster address as the external one (LoadBalancerEmulator). */
function* patchServices(client: ApiClient, undo = false): Routine<readonly string[]> {
  const listed = yield* client.list(resources.services);
  const patched: string[] = [];
  for (const one of listed instanceof Refusal ? [] : listed.items) {
    if (one.spec.type !== 'LoadBalancer') continue;
    const { clusterIP: ip = '' } = one.spec;
    const now = one.status?.loadBalancer?.ingress ?? [];
    if (!undo) patched.push(one.metadata.name ?? '');
    if (undo ? now.length === 0 : now.length === 1 && now[0]?.ip === ip) continue;
    const ingress = undo ? [] : [{ ip, hostname: '' }];
    yield* client.updateStatus(resources.services, {
      ...one,
      status: { loadBalancer: { ingress } },
    });
  }
  return patched;
}

function report(call: Call, route: string, pid: number, services: readonly string[]): string {
  return `Status:\t
\tmachine: ${call.name}
\tpid: ${pid}
\troute: ${route}
\tminikube: Running
\tservices: [${services.join(', ')}]
    errors: 
\t\tminikube: no errors
\t\trouter: no errors
\t\tloadbalancer emulator: no errors
`;
}

/** A route to the services' range through the node, kept until the tunnel is interrupted. */
function* tunnel(call: Call): Routine<number> {
  const { main, out } = call;
  const { process } = main;
  const profile = yield* healthy(call);
  const { ServiceCIDR } = profile.KubernetesConfig;
  const { IP } = primaryOf(profile);
  const client = yield* clientOf(call, profile);
  const route = ['ip', 'route', 'add', ServiceCIDR, 'via', IP];
  const added = yield* runHere(process, route);
  if (added.status !== 0 && added.err.includes('File exists'))
    yield* exitWith(
      out,
      'TUNNEL_ALREADY_RUNNING',
      'Another tunnel process is already running, terminate the existing instance to start a new one',
    );
  let ended = false;
  for (const signal of [SIGINT, SIGTERM])
    process.sigaction(signal, () => {
      ended = true;
    });
  let told = '';
  while (!ended) {
    const services = yield* patchServices(client);
    const text = report(call, `${ServiceCIDR} -> ${IP}`, process.pid, services);
    if (text !== told) yield* out.plain(text);
    told = text;
    const slept = yield* process.sleep(CHECK);
    if (isErrno(slept)) break;
  }
  yield* patchServices(client, true);
  yield* runHere(process, ['ip', 'route', 'del', ServiceCIDR, 'via', IP]);
  return 0;
}

const FORMAT = flag('format', 'string', 'http://{{.IP}}:{{.Port}}');

export const SERVICE_COMMANDS: readonly Command[] = [
  {
    path: 'service',
    flags: [
      flag('namespace', 'string', 'default', 'n'),
      flag('url', 'bool', 'false'),
      flag('all', 'bool', 'false'),
      flag('https', 'bool', 'false'),
      flag('wait', 'int', '2'),
      flag('interval', 'int', '1'),
      FORMAT,
    ],
    idle: ['wait', 'interval'],
    run: service,
  },
  {
    path: 'service list',
    flags: [flag('namespace', 'string', '', 'n'), flag('output', 'string', 'table', 'o'), FORMAT],
    run: serviceList,
  },
  {
    path: 'tunnel',
    flags: [flag('cleanup', 'bool', 'true', 'c'), flag('bind-address', 'string', '')],
    idle: ['bind-address', 'cleanup'],
    run: tunnel,
  },
];
