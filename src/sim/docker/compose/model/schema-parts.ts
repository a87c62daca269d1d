// The JSON schema of Compose files (compose-spec), parts that several places share, and deploy, develop and healthcheck.

import {
  amount,
  closed,
  count,
  flag,
  list,
  oneOf,
  type Schema,
  struct,
  text,
  uniqueList,
} from './schema.ts';

export const listOfStrings: Schema = uniqueList(text);
export const stringOrList: Schema = oneOf(text, listOfStrings);
export const command: Schema = oneOf({ type: 'null' }, text, list(text));
export const listOrDict: Schema = oneOf(
  {
    type: 'object',
    patternProperties: { '.+': { type: ['string', 'number', 'boolean', 'null'] } },
    additionalProperties: false,
  },
  uniqueList(text),
);
export const serviceHook: Schema = struct(
  { command: command, user: text, privileged: flag, working_dir: text, environment: listOrDict },
  ['command'],
);
export const development: Schema = {
  type: ['object', 'null'],
  properties: {
    watch: list(
      struct(
        {
          ignore: stringOrList,
          include: stringOrList,
          path: text,
          action: {
            type: 'string',
            enum: ['rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec'],
          },
          target: text,
          exec: serviceHook,
          initial_sync: { type: 'boolean' },
        },
        ['path', 'action'],
      ),
    ),
  },
  additionalProperties: false,
  patternProperties: { '^x-': {} },
};
export const genericResources: Schema = list(
  struct({ discrete_resource_spec: struct({ kind: text, value: amount }) }),
);
export const devices: Schema = list(
  struct(
    {
      capabilities: listOfStrings,
      count: count,
      device_ids: listOfStrings,
      driver: text,
      options: listOrDict,
    },
    ['capabilities'],
  ),
);
export const deployment: Schema = {
  type: ['object', 'null'],
  properties: {
    mode: text,
    endpoint_mode: text,
    replicas: count,
    labels: listOrDict,
    rollback_config: struct({
      parallelism: count,
      delay: text,
      failure_action: text,
      monitor: text,
      max_failure_ratio: amount,
      order: { type: 'string', enum: ['start-first', 'stop-first'] },
    }),
    update_config: struct({
      parallelism: count,
      delay: text,
      failure_action: text,
      monitor: text,
      max_failure_ratio: amount,
      order: { type: 'string', enum: ['start-first', 'stop-first'] },
    }),
    resources: struct({
      limits: struct({ cpus: amount, memory: text, pids: count }),
      reservations: struct({
        cpus: amount,
        memory: text,
        generic_resources: genericResources,
        devices: devices,
      }),
    }),
    restart_policy: struct({ condition: text, delay: text, max_attempts: count, window: text }),
    placement: struct({
      constraints: list(text),
      preferences: list(struct({ spread: text })),
      max_replicas_per_node: count,
    }),
  },
  additionalProperties: false,
  patternProperties: { '^x-': {} },
};
export const extraHosts: Schema = oneOf(
  {
    type: 'object',
    patternProperties: { '.+': oneOf(text, list(text)) },
    additionalProperties: false,
  },
  uniqueList(text),
);
export const fileReferences: Schema = list(
  oneOf(text, struct({ source: text, target: text, uid: text, gid: text, mode: amount })),
);
export const ulimits: Schema = {
  type: 'object',
  patternProperties: {
    '^[a-z]+$': oneOf(count, struct({ hard: count, soft: count }, ['soft', 'hard'])),
  },
};
export const blkioLimit: Schema = closed({ path: text, rate: count });
export const blkioWeight: Schema = closed({ path: text, weight: count });
export const envFile: Schema = oneOf(
  text,
  list(oneOf(text, closed({ path: text, format: text, required: flag }, ['path']))),
);
export const labelFile: Schema = oneOf(text, list(text));
export const gpus: Schema = oneOf(
  { type: 'string', enum: ['all'] },
  {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        capabilities: listOfStrings,
        count: count,
        device_ids: listOfStrings,
        driver: text,
        options: listOrDict,
      },
    },
    additionalProperties: false,
    patternProperties: { '^x-': {} },
  },
);
export const healthcheck: Schema = struct({
  disable: flag,
  interval: text,
  retries: amount,
  test: oneOf(text, list(text)),
  timeout: text,
  start_period: text,
  start_interval: text,
});
