// kubectl create service and ingress.

import type { Routine } from '../../../core/wait.ts';
import {
  dnsSubdomain,
  portName as portNameMistakes,
  portNumber as portNumberMistakes,
} from '../../api/validation/names.ts';
import type { Call } from '../command.ts';
import type { Generator } from '../commands/create.ts';
import { failure } from '../failure.ts';
import type { KubeObject } from '../rest.ts';

interface Port {
  readonly name: string;
  readonly port: number;
  readonly protocol: 'TCP';
  readonly targetPort: number | string;
  readonly nodePort?: number;
}

/** A number or a name, refused by kubectl itself where it can be neither. */
function targetPortOf(text: string): number | string {
  const number = /^[+-]?\d+$/.test(text);
  const mistakes = number ? portNumberMistakes(Number(text)) : portNameMistakes(text);
  if (mistakes.length > 0) throw failure(mistakes.join(','));
  return number ? Number(text) : text;
}

function portOf(spec: string, nodePort: number): Port {
  const [own = '', target] = spec.split(':');
  const why = !/^\d+$/.test(own)
    ? 'invalid syntax'
    : Number(own) > 65535
      ? 'value out of range'
      : '';
  if (why !== '') throw failure(`strconv.ParseUint: parsing "${own}": ${why}`);
  const port = Number(own);
  const targetPort = target === undefined ? port : targetPortOf(target);
  const name = spec.split(':').slice(0, 2).join('-');
  return { name, port, protocol: 'TCP', targetPort, ...(nodePort > 0 ? { nodePort } : {}) };
}

function maker(type: string): (call: Call, name: string) => Routine<KubeObject> {
  return function* (call, name) {
    const { values } = call;
    const nodePort = type === 'NodePort' ? values.number('node-port') : 0;
    const ports = values.list('tcp').map((spec) => portOf(spec, nodePort));
    const clusterIP = type === 'ClusterIP' ? values.text('clusterip') : '';
    if (ports.length === 0 && type !== 'ExternalName' && clusterIP !== 'None') {
      throw failure('at least one tcp port specifier must be provided');
    }
    const externalName = type === 'ExternalName' ? values.text('external-name') : '';
    if (type === 'ExternalName' && dnsSubdomain(externalName).length > 0) {
      throw failure(`invalid service external name ${externalName}`);
    }
    const spec = {
      ...(clusterIP === '' ? {} : { clusterIP }),
      ...(type === 'ExternalName' ? { externalName } : {}),
      ...(ports.length > 0 ? { ports } : {}),
      selector: { app: name },
      type,
    };
    return {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { labels: { app: name }, name },
      spec,
      status: { loadBalancer: {} },
    };
  };
}

const RULE = /^([^/]*)(\/[^=]*)=([^:,]+):([^,]+)(?:,tls(?:=(.*))?)?$/;

function portNumber(text: string): object {
  return /^\d+$/.test(text) ? { number: Number(text) } : { name: text };
}

function* ingress(call: Call, name: string): Routine<KubeObject> {
  const { values } = call;
  const backend = values.text('default-backend');
  const rules: { host?: string; http: { paths: object[] } }[] = [];
  const tls: { hosts?: string[]; secretName?: string }[] = [];
  if (values.all('rule').length === 0 && backend === '')
    throw failure(
      'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
    );
  for (const text of values.all('rule')) {
    const [whole, host = '', path = '', service = '', port = '', secret] = RULE.exec(text) ?? [];
    if (whole === undefined)
      throw failure(
        `rule ${text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`,
      );
    const prefix = path.endsWith('*');
    const one = {
      path: prefix ? path.slice(0, -1) : path,
      pathType: prefix ? 'Prefix' : 'Exact',
      backend: { service: { name: service, port: portNumber(port) } },
    };
    const rule = rules.find((entry) => (entry.host ?? '') === host);
    if (rule) rule.http.paths.push(one);
    else rules.push({ ...(host === '' ? {} : { host }), http: { paths: [one] } });
    if (/,tls/.test(text)) {
      const known = tls.find((entry) => (entry.secretName ?? '') === (secret ?? ''));
      if (known) {
        if (host !== '' && !known.hosts?.includes(host))
          known.hosts = [...(known.hosts ?? []), host];
      } else
        tls.push({
          ...(host === '' ? {} : { hosts: [host] }),
          ...(secret ? { secretName: secret } : {}),
        });
    }
  }
  const annotations = Object.fromEntries(
    values.all('annotation').map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  const [serviceName = '', servicePort = ''] = backend.split(':');
  const spec = {
    ...(values.text('class') ? { ingressClassName: values.text('class') } : {}),
    ...(backend
      ? { defaultBackend: { service: { name: serviceName, port: portNumber(servicePort) } } }
      : {}),
    ...(rules.length > 0 ? { rules } : {}),
    ...(tls.length > 0 ? { tls } : {}),
  };
  const metadata = { name, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata,
    spec,
    status: { loadBalancer: {} },
  };
}

export const serviceGenerators: readonly Generator[] = [
  {
    name: 'service',
    below: [
      {
        name: 'clusterip',
        called: 'ClusterIP service',
        make: maker('ClusterIP'),
      },
      {
        name: 'externalname',
        called: 'ExternalName service',
        make: maker('ExternalName'),
      },
      {
        name: 'loadbalancer',
        called: 'LoadBalancer service',
        make: maker('LoadBalancer'),
      },
      {
        name: 'nodeport',
        called: 'NodePort service',
        make: maker('NodePort'),
      },
    ],
  },
  {
    name: 'ingress',
    make: ingress,
  },
];
