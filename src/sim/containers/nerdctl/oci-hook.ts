// nerdctl as a hook of its containers (`nerdctl internal oci-hook`): before the process starts they are put on their
// networks, after it has ended they are taken off.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { addNetwork, type CniResult, deleteNetwork } from '../cni/library.ts';
import { makeDirectories, writeWholeFile } from '../containerd/daemon.ts';
import type { Spec } from '../runc/spec.ts';
import { fatal, LABEL } from './call.ts';
import { CNI_PATH, networks } from './networks.ts';

interface HookState {
  readonly id: string;
  readonly pid: number;
  readonly bundle: string;
}

/** Where libcni keeps what ADD gave until DEL. */
const CACHE = '/var/lib/cni/results';

interface Cached {
  readonly kind: 'cniCacheV1';
  readonly containerId: string;
  readonly ifName: string;
  readonly networkName: string;
  readonly result: CniResult;
}

/** Serves one call of the hook; the state comes on standard input. */
export function* ociHook(main: Main, event: string): Routine<number> {
  const { process: p } = main;
  const input = yield* p.readAll(0);
  const state = JSON.parse(isErrno(input) ? '{}' : decode(input)) as HookState;
  const config = yield* readFile(p, `${state.bundle}/config.json`);
  if (isErrno(config)) return yield* fatal(main, `failed to load spec: ${config.message}`);
  const { annotations = {} } = JSON.parse(decode(config)) as Spec;
  const names = JSON.parse(annotations[LABEL.networks] ?? '[]') as readonly string[];
  const ports = annotations[LABEL.ports];
  const all = yield* networks(p);
  const hosts: string[] = [];
  for (const [i, name] of names.entries()) {
    const network = all.find((one) => one.name === name);
    if (network === undefined) continue;
    const attachment = {
      containerId: `${annotations[LABEL.namespace]}-${state.id}`,
      netns: state.pid === 0 ? '' : `/proc/${state.pid}/ns/net`,
      interfaceName: `eth${i}`,
      path: CNI_PATH,
      ...(ports && i === 0 ? { runtimeConfig: { portMappings: mappingsOf(ports) } } : {}),
    };
    const cached = `${CACHE}/${name}-${attachment.containerId}-${attachment.interfaceName}`;
    if (event === 'postStop') {
      const kept = yield* readFile(p, cached);
      const earlier = isErrno(kept) ? undefined : (JSON.parse(decode(kept)) as Cached).result;
      yield* deleteNetwork(p, network, attachment, earlier);
      p.unlink(cached);
      continue;
    }
    const result = yield* addNetwork(p, network, attachment);
    if ('error' in result) return yield* fatal(main, `failed to call cni.Setup: ${result.error}`);
    const { containerId, interfaceName: ifName } = attachment;
    const entry: Cached = { kind: 'cniCacheV1', containerId, ifName, networkName: name, result };
    makeDirectories(p, CACHE);
    writeWholeFile(p, cached, encode(JSON.stringify(entry)), 0o600);
    const [ip = ''] = (result.ips?.[0]?.address ?? '').split('/');
    hosts.push(`${ip}\t${annotations[LABEL.hostname]} ${annotations[LABEL.name]}\n`);
  }
  if (event !== 'postStop') {
    const local =
      '127.0.0.1\tlocalhost localhost.localdomain\n::1\tlocalhost localhost.localdomain\n';
    writeWholeFile(
      p,
      `${annotations[LABEL.stateDir]}/hosts`,
      encode(local + hosts.join('')),
      0o644,
    );
  }
  return 0;
}

/** The label's ports as the capability of portmap takes them. */
function mappingsOf(label: string): object[] {
  const ports = JSON.parse(label) as readonly Readonly<Record<string, string | number>>[];
  return ports.map(({ HostPort, ContainerPort, Protocol, HostIP }) => ({
    hostPort: HostPort,
    containerPort: ContainerPort,
    protocol: Protocol,
    ...(HostIP !== '0.0.0.0' && { hostIP: HostIP }),
  }));
}
