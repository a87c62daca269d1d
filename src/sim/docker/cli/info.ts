// docker info: what the client and the daemon are (system/info.go).

import { compileTemplate, TemplateError } from '../../userland/template/execute.ts';
import { goJson } from '../../userland/template/values.ts';
import { bytesSize } from '../units.ts';
import { Api, isCallError } from './api.ts';
import type { Action } from './command.ts';
import { complain, fail } from './output.ts';

/** Plugins of the client as they describe themselves. */
const CLIENT_PLUGINS = [
  { Name: 'buildx', ShortDescription: 'Docker Buildx', Version: 'v0.29.1' },
  { Name: 'compose', ShortDescription: 'Docker Compose', Version: 'v2.40.3' },
].map((plugin) => ({
  SchemaVersion: '0.1.0',
  Vendor: 'Docker Inc.',
  Version: plugin.Version,
  ShortDescription: plugin.ShortDescription,
  Name: plugin.Name,
  Path: `/usr/libexec/docker/cli-plugins/docker-${plugin.Name}`,
}));

const CLIENT_INFO = {
  Debug: false,
  Version: '28.2.2',
  GitCommit: 'e6534b4',
  GoVersion: 'go1.24.3',
  Os: 'linux',
  Arch: 'amd64',
  BuildTime: 'Fri May 30 12:07:14 2025',
  Plugins: CLIENT_PLUGINS,
  Warnings: null,
};

/** system.Info as far as it is printed. */
interface Info {
  readonly [field: string]: unknown;
  readonly DriverStatus: readonly (readonly [string, string])[];
  readonly Plugins: {
    readonly Volume: readonly string[];
    readonly Network: readonly string[];
    readonly Log: readonly string[];
  };
  readonly Swarm: Readonly<Record<string, unknown>> & {
    readonly LocalNodeState: string;
    readonly RemoteManagers: readonly { Addr: string }[] | null;
    readonly Cluster?: { readonly ID: string };
  };
  readonly Runtimes: Readonly<Record<string, object>>;
  readonly SecurityOptions: readonly string[];
  readonly Warnings: readonly string[] | null;
}

function clientLines(context: string): string[] {
  return [
    'Client:',
    ` Version:    ${CLIENT_INFO.Version}`,
    ` Context:    ${context}`,
    ' Debug Mode: false',
    ' Plugins:',
    ...CLIENT_PLUGINS.flatMap((plugin) => [
      `  ${plugin.Name}: ${plugin.ShortDescription} (${plugin.Vendor})`,
      `    Version:  ${plugin.Version}`,
      `    Path:     ${plugin.Path}`,
    ]),
  ];
}

function swarmLines({ Swarm }: Info): string[] {
  const lines = [` Swarm: ${Swarm.LocalNodeState}`];
  if (Swarm.LocalNodeState === 'inactive') return lines;
  lines.push(
    `  NodeID: ${String(Swarm.NodeID)}`,
    `  Is Manager: ${String(Swarm.ControlAvailable)}`,
    `  ClusterID: ${Swarm.Cluster?.ID}`,
    `  Managers: ${String(Swarm.Managers)}`,
    `  Nodes: ${String(Swarm.Nodes)}`,
    '  Default Address Pool: 10.0.0.0/8  ',
    '  SubnetSize: 24',
    '  Data Path Port: 4789',
    '  Orchestration:',
    '   Task History Retention Limit: 5',
    '  Raft:',
    '   Snapshot Interval: 10000',
    '   Number of Old Snapshots to Retain: 0',
    '   Heartbeat Tick: 1',
    '   Election Tick: 10',
    '  Dispatcher:',
    '   Heartbeat Period: 5 seconds',
    '  CA Configuration:',
    '   Expiry Duration: 3 months',
    '   Force Rotate: 0',
    '  Autolock Managers: false',
    '  Root Rotation In Progress: false',
    `  Node Address: ${String(Swarm.NodeAddr)}`,
    '  Manager Addresses:',
    ...(Swarm.RemoteManagers ?? []).map(({ Addr }) => `   ${Addr}`),
  );
  return lines;
}

/** `name=seccomp,profile=builtin` */
function securityLines(options: readonly string[]): string[] {
  return options.flatMap((option) => {
    const pairs = option.split(',').map((pair) => pair.split('='));
    const name = pairs.find(([key]) => key === 'name')?.[1] ?? option;
    const profile = pairs.find(([key]) => key === 'profile')?.[1];
    return [`  ${name}`, ...(profile === undefined ? [] : [`   Profile: ${profile}`])];
  });
}

function serverLines(info: Info): string[] {
  const line = (label: string, field: string): string => ` ${label}: ${String(info[field])}`;
  const commit = (field: string): string => (info[field] as { ID: string }).ID;
  return [
    'Server:',
    line('Containers', 'Containers'),
    line(' Running', 'ContainersRunning'),
    line(' Paused', 'ContainersPaused'),
    line(' Stopped', 'ContainersStopped'),
    line('Images', 'Images'),
    line('Server Version', 'ServerVersion'),
    line('Storage Driver', 'Driver'),
    ...info.DriverStatus.map(([key, value]) => `  ${key}: ${value}`),
    line('Logging Driver', 'LoggingDriver'),
    line('Cgroup Driver', 'CgroupDriver'),
    line('Cgroup Version', 'CgroupVersion'),
    ' Plugins:',
    `  Volume: ${info.Plugins.Volume.join(' ')}`,
    `  Network: ${info.Plugins.Network.join(' ')}`,
    `  Log: ${info.Plugins.Log.join(' ')}`,
    ...swarmLines(info),
    ` Runtimes: ${Object.keys(info.Runtimes).join(' ')}`,
    line('Default Runtime', 'DefaultRuntime'),
    line('Init Binary', 'InitBinary'),
    ` containerd version: ${commit('ContainerdCommit')}`,
    ` runc version: ${commit('RuncCommit')}`,
    ` init version: ${commit('InitCommit')}`,
    ' Security Options:',
    ...securityLines(info.SecurityOptions),
    line('Kernel Version', 'KernelVersion'),
    line('Operating System', 'OperatingSystem'),
    line('OSType', 'OSType'),
    line('Architecture', 'Architecture'),
    line('CPUs', 'NCPU'),
    ` Total Memory: ${bytesSize(Number(info.MemTotal))}`,
    line('Name', 'Name'),
    line('ID', 'ID'),
    line('Docker Root Dir', 'DockerRootDir'),
    line('Debug Mode', 'Debug'),
    line('Experimental', 'ExperimentalBuild'),
    line('Live Restore Enabled', 'LiveRestoreEnabled'),
  ];
}

export const infoAction: Action = function* (call) {
  const { main, host, context = 'default' } = call;
  const found = yield* new Api(main.process, host).get<Info>('/info');
  const format = call.flags.text('format');
  if (format === '') {
    main.out.put(`${clientLines(context).join('\n')}\n\n`);
    if (isCallError(found)) {
      main.out.put('Server:\n');
      yield* complain(main, found.text);
      return yield* fail(call, 'errors pretty printing info');
    }
    main.out.put(`${serverLines(found).join('\n')}\n\n`);
    for (const warning of found.Warnings ?? []) yield* complain(main, warning);
    return 0;
  }
  if (isCallError(found)) return yield* fail(call, found.text);
  const object = { ...found, ClientInfo: { ...CLIENT_INFO, Context: context } };
  try {
    main.out.put(
      format === 'json' ? `${goJson(object)}\n` : `${compileTemplate(format).execute(object)}\n`,
    );
    return 0;
  } catch (thrown) {
    if (!(thrown instanceof TemplateError)) throw thrown;
    return yield* fail(call, `template parsing error: ${thrown.message}`, 64);
  }
};
