// What the registries of the simulated internet answer, Docker Hub's tokens and its index among them.

import type { Routine } from '../core/wait.ts';
import type { Process } from '../kernel/calls/process.ts';
import type { HttpRequest, HttpResponse } from '../userland/http/message.ts';
import type { HttpHandler } from '../userland/http/server.ts';
import type { ServingHost } from './hosts.ts';
import { registryApi, tokenService } from './registry/api.ts';
import { hubSearch } from './registry/search.ts';
import { catalogStore } from './registry/store.ts';

const HUB = {
  tokens: {
    realm: 'https://auth.docker.io/token',
    service: 'registry.docker.io',
  },
  pullLimit: 100,
};

/** By the first name of the host. */
const REGISTRIES: Readonly<Record<string, () => HttpHandler>> = {
  'registry-1.docker.io': () => registryApi(catalogStore('docker.io'), HUB),
  'auth.docker.io': () => tokenService,
  'registry.k8s.io': () => registryApi(catalogStore('registry.k8s.io')),
  'quay.io': () => registryApi(catalogStore('quay.io')),
  'ghcr.io': () => registryApi(catalogStore('ghcr.io')),
  'k8s.gcr.io': () => registryApi(catalogStore('k8s.gcr.io')),
  'gcr.io': () => registryApi(catalogStore('gcr.io')),
  'index.docker.io': () => hubSearch,
};

/** Answers a request to a registry of the table. */
export function* answerRegistry(
  host: ServingHost,
  request: HttpRequest,
  process: Process,
): Routine<HttpResponse> {
  host.handler ??= REGISTRIES[host.name]?.();
  if (!host.handler) throw new Error(`there is no registry ${host.name}`);
  return yield* host.handler(request, process);
}
