// What the controller watches: ingresses with their classes, the endpoints of services, the Secrets with certificates.

import { decode } from '../../../core/text.ts';
import { type Certificate, certificatesOf } from '../../../userland/tls/certificate.ts';
import { fromBase64 } from '../../../core/base64.ts';
import type { Resource } from '../../api/client.ts';
import { resources } from '../../api/client-resources.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Secret } from '../../api/types/config.ts';
import type { EndpointSlice, Ingress, Service } from '../../api/types/service.ts';
import type { Flags } from '../../component/flags.ts';
import type { ControllerContext } from '../../controllers/context.ts';
import type { Informer } from '../../controllers/machinery/informer.ts';
import { type Backend, serverFor, serversOf, type VirtualServer } from './routing.ts';

interface IngressClass {
  readonly metadata: KubeObject['metadata'];
  readonly spec: { readonly controller?: string };
}

export const INGRESSES: Resource<Ingress> = {
  groupVersion: 'networking.k8s.io/v1',
  plural: 'ingresses',
};
const CLASSES: Resource<IngressClass> = {
  groupVersion: 'networking.k8s.io/v1',
  plural: 'ingressclasses',
};
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

export class IngressState {
  readonly ingresses: Informer<Ingress>;
  private readonly classes: Informer<IngressClass>;
  private readonly services: Informer<Service>;
  private readonly slices: Informer<EndpointSlice>;
  private readonly secrets: Informer<Secret>;
  private readonly flags: Flags;
  private servers: ReadonlyMap<string, VirtualServer> | undefined;
  private readonly turns = new Map<string, number>();

  constructor(context: ControllerContext, flags: Flags) {
    this.flags = flags;
    this.ingresses = context.informer(INGRESSES);
    this.classes = context.informer(CLASSES);
    this.services = context.informer(resources.services);
    this.slices = context.informer(resources.endpointSlices);
    this.slices.addIndex('service', ({ metadata }) => [
      `${metadata.namespace}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
    ]);
    this.secrets = context.informer(resources.secrets);
    const changed = (): void => {
      this.servers = undefined;
    };
    this.ingresses.onChange(changed);
    this.classes.onChange(changed);
  }

  /** True where the ingress is for this controller. */
  isOurs(ingress: Ingress): boolean {
    const wanted = this.flags.get('controller-class') ?? 'k8s.io/ingress-nginx';
    const name = this.flags.get('ingress-class') ?? 'nginx';
    const legacy = ingress.metadata.annotations?.[CLASS_ANNOTATION];
    if (legacy !== undefined && legacy !== '') return legacy === name;
    const { ingressClassName } = ingress.spec;
    if (!ingressClassName) return this.flags.get('watch-ingress-without-class') === 'true';
    return this.classes.get(ingressClassName)?.spec.controller === wanted;
  }

  all(): readonly Ingress[] {
    return [...this.ingresses.values()].filter((ingress) => this.isOurs(ingress));
  }

  /** The server for a host, as the objects say now. */
  server(host: string): VirtualServer | undefined {
    this.servers ??= serversOf(this.all());
    return serverFor(this.servers, host);
  }

  /** The next ready endpoint of a backend, in turn; undefined where there is none. */
  endpoint(backend: Backend): { readonly host: string; readonly port: number } | undefined {
    const key = `${backend.namespace}/${backend.service}`;
    const port = this.services
      .get(key)
      ?.spec.ports?.find((one) => one.port === backend.port || one.name === backend.port);
    if (!port) return undefined;
    const found: { host: string; port: number }[] = [];
    for (const slice of this.slices.byIndex('service', key)) {
      const number = slice.ports?.find((one) => (one.name ?? '') === (port.name ?? ''))?.port;
      if (number === undefined) continue;
      for (const { addresses, conditions } of slice.endpoints ?? [])
        if (conditions?.ready !== false) found.push({ host: addresses[0] ?? '', port: number });
    }
    if (found.length === 0) return undefined;
    const turn = this.turns.get(`${key}:${backend.port}`) ?? 0;
    this.turns.set(`${key}:${backend.port}`, turn + 1);
    return found[turn % found.length];
  }

  /** The certificate in a Secret of type kubernetes.io/tls. */
  certificate(secret: string | undefined): Certificate | undefined {
    const data = secret === undefined ? undefined : this.secrets.get(secret)?.data?.['tls.crt'];
    return data === undefined ? undefined : certificatesOf(decode(fromBase64(data)))[0];
  }
}
