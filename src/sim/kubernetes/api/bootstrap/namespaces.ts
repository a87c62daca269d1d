// The namespaces of a fresh cluster.

import type { JsonObject } from '../fields/decode.ts';

/** In the order in which the server makes them. */
export const NAMESPACES: readonly JsonObject[] = [
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'default',
].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
