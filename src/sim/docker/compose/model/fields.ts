// The structs of a loaded project in compose-go's types: fields in the order in which they are written, each with the kind
// that says how it is decoded, when it is left out, and how YAML and JSON show it.

export type Scalar =
  | 'string'
  | 'bool'
  /** A pointer: false is shown. */
  | 'bool?'
  /** Always shown. */
  | 'bool!'
  | 'int'
  | 'int?'
  | 'float'
  | 'bytes'
  | 'duration'
  | 'duration?'
  | 'command'
  | 'test'
  | 'strings'
  | 'environment'
  | 'mapping'
  | 'multi'
  | 'hosts'
  | 'mode'
  | 'count'
  | 'ulimits'
  | 'envFiles'
  | 'ssh';

/** A struct; `whole` ones are no pointers: YAML leaves them out when empty, JSON never does. */
export interface StructKind {
  readonly struct: string;
  readonly whole?: boolean;
}
export type Kind = Scalar | StructKind | { readonly list: string } | { readonly map: string };

export type Fields = readonly (readonly [string, Kind])[];

const list = (name: string): Kind => ({ list: name });
const map = (name: string): Kind => ({ map: name });
const struct = (name: string): Kind => ({ struct: name });
const whole = (name: string): Kind => ({ struct: name, whole: true });
const each = (kind: Scalar, ...names: readonly string[]): Fields =>
  names.map((name) => [name, kind] as const);

const SERVICE: Fields = [
  ['profiles', 'strings'],
  ['annotations', 'mapping'],
  ['attach', 'bool?'],
  ['build', struct('build')],
  ['develop', struct('develop')],
  ['blkio_config', struct('blkio')],
  ...each('strings', 'cap_add', 'cap_drop'),
  ...each('string', 'cgroup_parent', 'cgroup'),
  ['cpu_count', 'int'],
  ['cpu_percent', 'float'],
  ...each('int', 'cpu_period', 'cpu_quota', 'cpu_rt_period', 'cpu_rt_runtime'),
  ['cpus', 'float'],
  ['cpuset', 'string'],
  ['cpu_shares', 'int'],
  ['command', 'command'],
  ['configs', list('fileReference')],
  ['container_name', 'string'],
  ['credential_spec', struct('credentialSpec')],
  ['depends_on', map('dependency')],
  ['deploy', struct('deploy')],
  ['device_cgroup_rules', 'strings'],
  ['devices', list('device')],
  ...each('strings', 'dns', 'dns_opt', 'dns_search'),
  ...each('string', 'dockerfile', 'domainname'),
  ['entrypoint', 'command'],
  ['provider', struct('provider')],
  ['environment', 'environment'],
  ['env_file', 'envFiles'],
  ['expose', 'strings'],
  ['extends', struct('extends')],
  ['external_links', 'strings'],
  ['extra_hosts', 'hosts'],
  ['group_add', 'strings'],
  ['gpus', list('deviceRequest')],
  ['hostname', 'string'],
  ['healthcheck', struct('healthcheck')],
  ['image', 'string'],
  ['init', 'bool?'],
  ...each('string', 'ipc', 'isolation'),
  ['labels', 'mapping'],
  ...each('strings', 'label_file', 'links'),
  ['logging', struct('logging')],
  ['log_driver', 'string'],
  ['log_opt', 'mapping'],
  ...each('bytes', 'mem_limit', 'mem_reservation', 'memswap_limit', 'mem_swappiness'),
  ['mac_address', 'string'],
  ['models', map('serviceModel')],
  ...each('string', 'net', 'network_mode'),
  ['networks', map('serviceNetwork')],
  ['oom_kill_disable', 'bool'],
  ['oom_score_adj', 'int'],
  ['pid', 'string'],
  ['pids_limit', 'int'],
  ['platform', 'string'],
  ['ports', list('port')],
  ['privileged', 'bool'],
  ['pull_policy', 'string'],
  ['read_only', 'bool'],
  ...each('string', 'restart', 'runtime'),
  ['scale', 'int?'],
  ['secrets', list('fileReference')],
  ['security_opt', 'strings'],
  ['shm_size', 'bytes'],
  ['stdin_open', 'bool'],
  ['stop_grace_period', 'duration?'],
  ['stop_signal', 'string'],
  ['storage_opt', 'mapping'],
  ['sysctls', 'mapping'],
  ['tmpfs', 'strings'],
  ['tty', 'bool'],
  ['ulimits', 'ulimits'],
  ['use_api_socket', 'bool'],
  ...each('string', 'user', 'userns_mode', 'uts', 'volume_driver'),
  ['volumes', list('volumeMount')],
  ['volumes_from', 'strings'],
  ['working_dir', 'string'],
  ['post_start', list('hook')],
  ['pre_stop', list('hook')],
];

const BUILD: Fields = [
  ...each('string', 'context', 'dockerfile', 'dockerfile_inline'),
  ['entitlements', 'strings'],
  ['args', 'environment'],
  ...each('string', 'provenance', 'sbom'),
  ['ssh', 'ssh'],
  ['labels', 'mapping'],
  ...each('strings', 'cache_from', 'cache_to'),
  ['no_cache', 'bool'],
  ['additional_contexts', 'mapping'],
  ['pull', 'bool'],
  ['extra_hosts', 'hosts'],
  ...each('string', 'isolation', 'network', 'target'),
  ['secrets', list('fileReference')],
  ['shm_size', 'bytes'],
  ['tags', 'strings'],
  ['ulimits', 'ulimits'],
  ['platforms', 'strings'],
  ['privileged', 'bool'],
];

const FILE_OBJECT: Fields = [
  ...each('string', 'name', 'file', 'environment', 'content'),
  ['external', 'bool'],
  ['labels', 'mapping'],
  ['driver', 'string'],
  ['driver_opts', 'mapping'],
  ['template_driver', 'string'],
];

const DEPLOY: Fields = [
  ['mode', 'string'],
  ['replicas', 'int?'],
  ['labels', 'mapping'],
  ['update_config', struct('updateConfig')],
  ['rollback_config', struct('updateConfig')],
  ['resources', whole('resources')],
  ['restart_policy', struct('restartPolicy')],
  ['placement', whole('placement')],
  ['endpoint_mode', 'string'],
];

export const STRUCTS: Readonly<Record<string, Fields>> = {
  service: SERVICE,
  build: BUILD,
  secret: FILE_OBJECT,
  config: FILE_OBJECT,
  deploy: DEPLOY,
  network: [
    ...each('string', 'name', 'driver'),
    ['driver_opts', 'mapping'],
    ['ipam', whole('ipam')],
    ...each('bool', 'external', 'internal', 'attachable'),
    ['labels', 'mapping'],
    ...each('bool?', 'enable_ipv4', 'enable_ipv6'),
  ],
  ipam: [
    ['driver', 'string'],
    ['config', list('pool')],
  ],
  pool: [...each('string', 'subnet', 'gateway', 'ip_range'), ['aux_addresses', 'mapping']],
  volume: [
    ...each('string', 'name', 'driver'),
    ['driver_opts', 'mapping'],
    ['external', 'bool'],
    ['labels', 'mapping'],
  ],
  model: [
    ...each('string', 'name', 'model'),
    ['context_size', 'int'],
    ['runtime_flags', 'strings'],
  ],
  serviceModel: each('string', 'endpoint_var', 'model_var'),
  provider: [
    ['type', 'string'],
    ['options', 'multi'],
  ],
  blkio: [
    ['weight', 'int'],
    ['weight_device', list('weightDevice')],
    ['device_read_bps', list('throttleDevice')],
    ['device_read_iops', list('throttleDevice')],
    ['device_write_bps', list('throttleDevice')],
    ['device_write_iops', list('throttleDevice')],
  ],
  weightDevice: [
    ['path', 'string'],
    ['weight', 'int'],
  ],
  throttleDevice: [
    ['path', 'string'],
    ['rate', 'bytes'],
  ],
  device: each('string', 'source', 'target', 'permissions'),
  deviceRequest: [
    ['capabilities', 'strings'],
    ['driver', 'string'],
    ['count', 'count'],
    ['device_ids', 'strings'],
    ['options', 'mapping'],
  ],
  logging: [
    ['driver', 'string'],
    ['options', 'mapping'],
  ],
  updateConfig: [
    ['parallelism', 'int?'],
    ['delay', 'duration'],
    ['failure_action', 'string'],
    ['monitor', 'duration'],
    ['max_failure_ratio', 'float'],
    ['order', 'string'],
  ],
  resources: [
    ['limits', struct('resource')],
    ['reservations', struct('resource')],
  ],
  resource: [
    ['cpus', 'float'],
    ['memory', 'bytes'],
    ['pids', 'int'],
    ['devices', list('deviceRequest')],
    ['generic_resources', list('genericResource')],
  ],
  genericResource: [['discrete_resource_spec', struct('discreteResource')]],
  discreteResource: [
    ['kind', 'string'],
    ['value', 'int'],
  ],
  restartPolicy: [
    ['condition', 'string'],
    ['delay', 'duration?'],
    ['max_attempts', 'int?'],
    ['window', 'duration?'],
  ],
  placement: [
    ['constraints', 'strings'],
    ['preferences', list('preference')],
    ['max_replicas_per_node', 'int'],
  ],
  preference: [['spread', 'string']],
  serviceNetwork: [
    ['aliases', 'strings'],
    ['driver_opts', 'mapping'],
    ['gw_priority', 'int'],
    ...each('string', 'interface_name', 'ipv4_address', 'ipv6_address'),
    ['link_local_ips', 'strings'],
    ['mac_address', 'string'],
    ['priority', 'int'],
  ],
  port: [
    ...each('string', 'name', 'mode', 'host_ip'),
    ['target', 'int'],
    ...each('string', 'published', 'protocol', 'app_protocol'),
  ],
  volumeMount: [
    ...each('string', 'type', 'source', 'target'),
    ['read_only', 'bool'],
    ['consistency', 'string'],
    ['bind', struct('bind')],
    ['volume', struct('volumeOptions')],
    ['tmpfs', struct('tmpfs')],
    ['image', struct('imageMount')],
  ],
  bind: [
    ...each('string', 'selinux', 'propagation'),
    ['create_host_path', 'bool'],
    ['recursive', 'string'],
  ],
  volumeOptions: [
    ['labels', 'mapping'],
    ['nocopy', 'bool'],
    ['subpath', 'string'],
  ],
  tmpfs: [
    ['size', 'bytes'],
    ['mode', 'int'],
  ],
  imageMount: [['subpath', 'string']],
  fileReference: [...each('string', 'source', 'target', 'uid', 'gid'), ['mode', 'mode']],
  credentialSpec: each('string', 'config', 'file', 'registry'),
  dependency: [
    ['condition', 'string'],
    ['restart', 'bool'],
    ['required', 'bool!'],
  ],
  extends: each('string', 'file', 'service'),
  healthcheck: [
    ['test', 'test'],
    ...each('duration?', 'timeout', 'interval'),
    ['retries', 'int?'],
    ...each('duration?', 'start_period', 'start_interval'),
    ['disable', 'bool'],
  ],
  hook: [
    ['command', 'command'],
    ['user', 'string'],
    ['privileged', 'bool'],
    ['working_dir', 'string'],
    ['environment', 'environment'],
  ],
  develop: [['watch', list('watch')]],
  watch: [
    ['path', 'string'],
    ['action', 'string'],
    ['target', 'string'],
    ['exec', whole('hook')],
    ...each('strings', 'include', 'ignore'),
    ['initial_sync', 'bool'],
  ],
};
