// Where a service's requests go when the server itself makes them: a ready endpoint of one of its ports.

import type { ServerParts } from '../handlers/context.ts';
import { type ApiError, apiErrors } from '../status.ts';
import type { Service } from '../types/service.ts';

interface Slice {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly endpoints?:
    | readonly { addresses: readonly string[]; conditions?: { ready?: boolean } }[]
    | null;
  readonly ports?: readonly { name?: string; port?: number }[] | null;
}

/** An endpoint of a service that is ready, by chance, as `address:port`; `called`: the service in an error's words. */
export function serviceAddress(
  server: ServerParts,
  service: Service,
  port: string,
  called: string = service.metadata.name ?? '',
): string | ApiError {
  const ports = service.spec.ports ?? [];
  const wanted =
    port === '' && ports.length === 1
      ? ports[0]
      : ports.find(({ name, port: number }) => name === port || String(number) === port);
  const name = service.metadata.name ?? '';
  if (!wanted) {
    return apiErrors.serviceUnavailable(
      `no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`,
    );
  }
  const slices = server.storage
    .cache('endpointslices')
    .list(service.metadata.namespace ?? '') as unknown as readonly Slice[];
  const addresses = slices
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap(({ endpoints, ports: listed }) => {
      const target = listed?.find((one) => (one.name ?? '') === (wanted.name ?? ''))?.port;
      return (endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap((endpoint) => endpoint.addresses.map((ip) => `${ip}:${target}`));
    });
  if (addresses.length === 0) {
    return apiErrors.serviceUnavailable(
      `no endpoints available for service ${JSON.stringify(called)}`,
    );
  }
  return server.simulation.random
    .fork(`api/proxy/${name}/${server.simulation.now}`)
    .pick(addresses);
}
