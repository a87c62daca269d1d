// The hash of a service's configuration, by which compose sees that a container is out of date.

import { sha256 } from '../../../core/sha256.ts';
import { encode } from '../../../core/text.ts';
import type { Service } from './project.ts';
import type { Mapping } from './tree.ts';
import { serviceJson } from './write.ts';

/** The SHA-256 of a service's JSON, without what does not change a container. */
export function serviceHash(service: Service): string {
  const {
    build: _build,
    pull_policy: _pull,
    scale: _scale,
    depends_on: _depends,
    profiles: _profiles,
    deploy,
    ...rest
  } = service;
  const { replicas: _replicas, ...kept } = deploy ?? {};
  const hashed = deploy ? { ...rest, deploy: kept } : rest;
  return sha256(encode(serviceJson(hashed as unknown as Mapping)));
}
