// The JSON schema of Compose files (compose-spec), a whole file and its networks, volumes, secrets, configs and models.

import { amount, closed, flag, list, oneOf, type Schema, struct, text } from './schema.ts';
import { listOrDict, stringOrList } from './schema-parts.ts';
import { service } from './schema-service.ts';

export const include: Schema = oneOf(
  text,
  closed({ path: stringOrList, env_file: stringOrList, project_directory: text }),
);
export const network: Schema = {
  type: ['object', 'null'],
  properties: {
    name: text,
    driver: text,
    driver_opts: { type: 'object', patternProperties: { '^.+$': amount } },
    ipam: struct({
      driver: text,
      config: list(
        struct({
          subnet: text,
          ip_range: text,
          gateway: text,
          aux_addresses: {
            type: 'object',
            additionalProperties: false,
            patternProperties: { '^.+$': text },
          },
        }),
      ),
      options: { type: 'object', additionalProperties: false, patternProperties: { '^.+$': text } },
    }),
    external: {
      type: ['boolean', 'string', 'object'],
      properties: { name: text },
      additionalProperties: false,
      patternProperties: { '^x-': {} },
    },
    internal: flag,
    enable_ipv4: flag,
    enable_ipv6: flag,
    attachable: flag,
    labels: listOrDict,
  },
  additionalProperties: false,
  patternProperties: { '^x-': {} },
};
export const volume: Schema = {
  type: ['object', 'null'],
  properties: {
    name: text,
    driver: text,
    driver_opts: { type: 'object', patternProperties: { '^.+$': amount } },
    external: {
      type: ['boolean', 'string', 'object'],
      properties: { name: text },
      additionalProperties: false,
      patternProperties: { '^x-': {} },
    },
    labels: listOrDict,
  },
  additionalProperties: false,
  patternProperties: { '^x-': {} },
};
export const secret: Schema = struct({
  name: text,
  environment: text,
  file: text,
  external: { type: ['boolean', 'string', 'object'], properties: { name: text } },
  labels: listOrDict,
  driver: text,
  driver_opts: { type: 'object', patternProperties: { '^.+$': amount } },
  template_driver: text,
});
export const config: Schema = struct({
  name: text,
  content: text,
  environment: text,
  file: text,
  external: { type: ['boolean', 'string', 'object'], properties: { name: text } },
  labels: listOrDict,
  template_driver: text,
});
export const model: Schema = struct(
  { name: text, model: text, context_size: { type: 'integer' }, runtime_flags: list(text) },
  ['model'],
);

/** A Compose file. */
export const composeFile: Schema = struct({
  version: text,
  name: text,
  include: list(include),
  services: {
    type: 'object',
    patternProperties: { '^[a-zA-Z0-9._-]+$': service },
    additionalProperties: false,
  },
  models: { type: 'object', patternProperties: { '^[a-zA-Z0-9._-]+$': model } },
  networks: { type: 'object', patternProperties: { '^[a-zA-Z0-9._-]+$': network } },
  volumes: {
    type: 'object',
    patternProperties: { '^[a-zA-Z0-9._-]+$': volume },
    additionalProperties: false,
  },
  secrets: {
    type: 'object',
    patternProperties: { '^[a-zA-Z0-9._-]+$': secret },
    additionalProperties: false,
  },
  configs: {
    type: 'object',
    patternProperties: { '^[a-zA-Z0-9._-]+$': config },
    additionalProperties: false,
  },
});
