// The tree of docker's commands: groups, the short forms of their commands, aliases of names.

/** `docker NAME`: what it manages. */
export const GROUPS: Readonly<Record<string, string>> = {
  builder: 'Manage builds',
  checkpoint: 'Manage checkpoints',
  container: 'Manage containers',
  context: 'Manage contexts',
  image: 'Manage images',
  manifest: 'Manage Docker image manifests and manifest lists',
  network: 'Manage networks',
  plugin: 'Manage plugins',
  system: 'Manage Docker',
  trust: 'Manage trust on Docker images',
  volume: 'Manage volumes',
  config: 'Manage Swarm configs',
  node: 'Manage Swarm nodes',
  secret: 'Manage Swarm secrets',
  service: 'Manage Swarm services',
  stack: 'Manage Swarm stacks',
  swarm: 'Manage Swarm',
};

export const GROUP_ORDER = [
  'builder',
  'checkpoint',
  'container',
  'context',
  'image',
  'manifest',
  'network',
  'plugin',
  'system',
  'trust',
  'volume',
];

/** Groups that need a swarm. */
export const SWARM_GROUPS = ['config', 'node', 'secret', 'service', 'stack', 'swarm'];

/** Commands that help lists first. */
export const COMMON = [
  'run',
  'exec',
  'ps',
  'build',
  'bake',
  'pull',
  'push',
  'images',
  'login',
  'logout',
  'search',
  'version',
  'info',
];

/** Short forms and what they stand for. */
export const SHORTCUTS: Readonly<Record<string, string>> = {
  run: 'container run',
  exec: 'container exec',
  ps: 'container ls',
  build: 'image build',
  pull: 'image pull',
  push: 'image push',
  images: 'image ls',
  info: 'system info',
  attach: 'container attach',
  commit: 'container commit',
  cp: 'container cp',
  create: 'container create',
  diff: 'container diff',
  events: 'system events',
  export: 'container export',
  history: 'image history',
  import: 'image import',
  kill: 'container kill',
  load: 'image load',
  logs: 'container logs',
  pause: 'container pause',
  port: 'container port',
  rename: 'container rename',
  restart: 'container restart',
  rm: 'container rm',
  rmi: 'image rm',
  save: 'image save',
  start: 'container start',
  stats: 'container stats',
  stop: 'container stop',
  tag: 'image tag',
  top: 'container top',
  unpause: 'container unpause',
  update: 'container update',
  wait: 'container wait',
  login: 'login',
  logout: 'logout',
  search: 'search',
  version: 'version',
};

/** Other names within groups. */
export const ALIASES: Readonly<Record<string, string>> = {
  'container list': 'container ls',
  'container ps': 'container ls',
  'container remove': 'container rm',
  'image list': 'image ls',
  'image remove': 'image rm',
  'network list': 'network ls',
  'network remove': 'network rm',
  'volume list': 'volume ls',
  'volume remove': 'volume rm',
  'context list': 'context ls',
  'context remove': 'context rm',
  'service list': 'service ls',
  'service remove': 'service rm',
  'node list': 'node ls',
  'node remove': 'node rm',
  'secret list': 'secret ls',
  'secret remove': 'secret rm',
  'config list': 'config ls',
  'config remove': 'config rm',
  'stack list': 'stack ls',
  'stack up': 'stack deploy',
  'stack down': 'stack rm',
  'stack remove': 'stack rm',
  'plugin list': 'plugin ls',
  'plugin remove': 'plugin rm',
  'builder build': 'image build',
};

/** Commands whose flags end at the first argument. */
export const NOT_INTERSPERSED = new Set([
  'service create',
  'container run',
  'container create',
  'container exec',
  'container top',
]);
