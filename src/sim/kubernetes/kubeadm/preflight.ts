// Preflight checks of init and join (app/preflight): each has a name, by which --ignore-preflight-errors makes its errors
// warnings. Left out: proxies, firewalld, external etcd, and the kernel's configuration, which is always right here.

import { isRpcError } from '../../containers/rpc.ts';
import { callRpc } from '../../containers/rpc-socket.ts';
import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { resolveHost } from '../../userland/libc/resolver.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { enabledState } from '../../userland/systemd/load.ts';
import type { RunContext } from './context.ts';
import { Failure } from './failure.ts';
import { COMPONENTS } from './manifests.ts';
import { say, warn } from './settings.ts';

/** What a check found. */
interface Finding {
  readonly name: string;
  readonly errors?: readonly string[];
  readonly warnings?: readonly string[];
}

type Check = (main: Main) => Routine<Finding>;

const KUBELET_PORT = 10250;
const REQUIRED_CPUS = 2;
const REQUIRED_MEMORY_MB = 1700;

function label(prefix: string, path: string): string {
  return `${prefix}-${path.replace(/\//g, '-')}`;
}

function* cpus(main: Main): Routine<Finding> {
  const mask = main.process.getAffinity(0);
  const count = isErrno(mask) ? 0 : mask.length;
  const errors =
    count < REQUIRED_CPUS
      ? [`the number of available CPUs ${count} is less than the required ${REQUIRED_CPUS}`]
      : [];
  return { name: 'NumCPU', errors };
}

function* memory(main: Main): Routine<Finding> {
  const bytes = yield* readFile(main.process, '/proc/meminfo');
  const kilobytes = isErrno(bytes) ? 0 : Number(/MemTotal:\s+(\d+)/.exec(decode(bytes))?.[1] ?? 0);
  const megabytes = Math.floor(kilobytes / 1024);
  const errors =
    megabytes < REQUIRED_MEMORY_MB
      ? [`the system RAM (${megabytes} MB) is less than the minimum ${REQUIRED_MEMORY_MB} MB`]
      : [];
  return { name: 'Mem', errors };
}

function* privileged(main: Main): Routine<Finding> {
  const errors = main.process.uid === 0 ? [] : ['user is not running as root'];
  return { name: 'IsPrivilegedUser', errors };
}

/** The path of a runtime's endpoint. */
export function socketPath(socket: string): string {
  return socket.replace(/^unix:\/\//, '').replace(/^\/var\/run\//, '/run/');
}

function* runtime(main: Main, socket: string): Routine<string | undefined> {
  const address = socketPath(socket);
  const answer = yield* callRpc<object>(
    main.process,
    { address },
    '/runtime.v1.RuntimeService/Version',
    {},
  );
  if (!isRpcError(answer)) return undefined;
  const path = socket.replace(/^unix:\/\//, '');
  const why = main.process.exists(address) ? 'connection refused' : 'no such file or directory';
  return `could not connect to the container runtime: failed to create new CRI runtime service: validate service connection: validate CRI v1 runtime API for endpoint "${socket}": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix ${path}: connect: ${why}"`;
}

function criCheck(name: string, socket: string): Check {
  return function* (main) {
    const problem = yield* runtime(main, socket);
    return { name, errors: problem === undefined ? [] : [problem] };
  };
}

function* swap(main: Main): Routine<Finding> {
  const bytes = yield* readFile(main.process, '/proc/swaps');
  const lines = isErrno(bytes) ? [] : decode(bytes).trim().split('\n');
  const warnings =
    lines.length > 1
      ? [
          'swap is supported for cgroup v2 only. The kubelet must be properly configured to use swap. Please refer to https://kubernetes.io/docs/concepts/architecture/nodes/#swap-memory, or disable swap on the node',
        ]
      : [];
  return { name: 'Swap', warnings };
}

function hostname(name: string): Check {
  return function* (main) {
    const found = yield* resolveHost(main.process, name);
    const warnings =
      'failure' in found
        ? [
            `hostname "${name}" could not be reached`,
            `hostname "${name}": lookup ${name}: no such host`,
          ]
        : [];
    return { name: 'Hostname', warnings };
  };
}

function* kubeletService(main: Main): Routine<Finding> {
  const state = yield* enabledState(main.process, 'kubelet.service');
  const warnings =
    state === 'not-found'
      ? ['kubelet service does not exist']
      : state === 'enabled'
        ? []
        : ["kubelet service is not enabled, please run 'systemctl enable kubelet.service'"];
  return { name: 'Service-kubelet', warnings };
}

function portOpen(port: number): Check {
  return function* (main) {
    const fd = main.process.socket('inet', 'stream');
    if (isErrno(fd)) return { name: `Port-${port}` };
    // As every listener of Go: connections that only wait for their time to be over are no hindrance.
    main.process.setsockopt(fd, 'SO_REUSEADDR', 1);
    const taken = main.process.bind(fd, { address: '0.0.0.0', port }) ?? main.process.listen(fd);
    main.process.close(fd);
    return { name: `Port-${port}`, errors: taken ? [`Port ${port} is in use`] : [] };
  };
}

function fileAbsent(path: string): Check {
  return function* (main) {
    const errors = main.process.exists(path) ? [`${path} already exists`] : [];
    return { name: label('FileAvailable', path), errors };
  };
}

function directoryEmpty(path: string): Check {
  return function* (main) {
    const items = main.process.readdir(path);
    const full = !isErrno(items) && items.some(({ name }) => name !== '.' && name !== '..');
    return { name: label('DirAvailable', path), errors: full ? [`${path} is not empty`] : [] };
  };
}

function fileContent(path: string, content: string): Check {
  return function* (main) {
    const bytes = yield* readFile(main.process, path);
    const name = label('FileContent', path);
    if (isErrno(bytes)) return { name, errors: [`${path} does not exist`] };
    const right = decode(bytes).startsWith(content);
    return { name, errors: right ? [] : [`${path} contents are not set to ${content}`] };
  };
}

function common(socket: string, nodeName: string): Check[] {
  return [
    criCheck('CRI', socket),
    criCheck('ContainerRuntimeVersion', socket),
    swap,
    hostname(nodeName),
    kubeletService,
    portOpen(KUBELET_PORT),
  ];
}

/** The checks of init, in kubeadm's order. */
function initChecks({ init, cluster }: RunContext): Check[] {
  const { name, criSocket } = init.nodeRegistration;
  const manifests = [...COMPONENTS, 'etcd'].map((one) =>
    fileAbsent(`/etc/kubernetes/manifests/${one}.yaml`),
  );
  return [
    cpus,
    memory,
    privileged,
    portOpen(init.localAPIEndpoint.bindPort),
    portOpen(10259),
    portOpen(10257),
    ...manifests,
    ...common(criSocket, name),
    fileContent('/proc/sys/net/ipv4/ip_forward', '1'),
    ...(cluster.etcd.local
      ? [portOpen(2379), portOpen(2380), directoryEmpty(cluster.etcd.local.dataDir)]
      : []),
  ];
}

/** The checks of join. */
export function joinChecks(nodeName: string, socket: string, caPath: string): readonly Check[] {
  return [
    privileged,
    directoryEmpty('/etc/kubernetes/manifests'),
    fileAbsent('/etc/kubernetes/kubelet.conf'),
    fileAbsent('/etc/kubernetes/bootstrap-kubelet.conf'),
    ...common(socket, nodeName),
    fileContent('/proc/sys/net/ipv4/ip_forward', '1'),
    fileAbsent(caPath),
  ];
}

/** Runs checks; throws Failure where one is fatal. */
export function* runChecks(
  main: Main,
  checks: readonly Check[],
  ignored: ReadonlySet<string>,
): Routine<void> {
  const fatal: string[] = [];
  for (const check of checks) {
    const { name, errors = [], warnings = [] } = yield* check(main);
    const mild = ignored.has('all') || ignored.has(name.toLowerCase());
    for (const warning of mild ? [...warnings, ...errors] : warnings)
      yield* warn(main, `\t[WARNING ${name}]: ${warning}`);
    if (!mild) fatal.push(...errors.map((error) => `\t[ERROR ${name}]: ${error}\n`));
  }
  if (fatal.length === 0) return;
  yield* main.out.flush();
  main.err.put(
    `[preflight] Some fatal errors occurred:\n${fatal.join('')}[preflight] If you know what you are doing, you can make a check non-fatal with \`--ignore-preflight-errors=...\`\n`,
  );
  yield* main.err.flush();
  throw new Failure('preflight checks failed');
}

/** Has the runtime fetch images that it has not; throws Failure. */
export function* pullImages(
  main: Main,
  socket: string,
  images: readonly string[],
  pulled: (image: string) => Routine<void>,
): Routine<void> {
  const address = socketPath(socket);
  for (const image of images) {
    const spec = { image: { image } };
    const there = yield* callRpc<{ image?: object | null }>(
      main.process,
      { address },
      '/runtime.v1.ImageService/ImageStatus',
      spec,
    );
    if (isRpcError(there) || !there.image) {
      const answer = yield* callRpc<object>(
        main.process,
        { address },
        '/runtime.v1.ImageService/PullImage',
        spec,
      );
      if (isRpcError(answer)) throw new Failure(`failed to pull image ${image}: ${answer.message}`);
    }
    yield* pulled(image);
  }
}

/** The phase preflight of init. */
export function* preflightPhase(context: RunContext, images: readonly string[]): Routine<void> {
  const { main, ignored } = context;
  yield* say(main, '[preflight] Running pre-flight checks');
  yield* runChecks(main, initChecks(context), ignored);
  yield* say(main, '[preflight] Pulling images required for setting up a Kubernetes cluster');
  yield* say(
    main,
    '[preflight] This might take a minute or two, depending on the speed of your internet connection',
  );
  yield* say(
    main,
    "[preflight] You can also perform this action beforehand using 'kubeadm config images pull'",
  );
  const { criSocket } = context.init.nodeRegistration;
  yield* pullImages(main, criSocket, images, function* () {});
}
