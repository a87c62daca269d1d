// The CNI plugin `flannel`: hands the pod on to another plugin (bridge) with what flanneld wrote to /run/flannel/subnet.env.

import { encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { makeDirectories, writeWholeFile } from '../../../containers/containerd/daemon.ts';
import { type CniResult, runPlugin } from '../../../containers/cni/library.ts';
import {
  type CniError,
  cniPlugin,
  isCniError,
  type PluginCall,
  plainError,
} from '../../../containers/cni/skel.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readText } from '../../component/kubeconfig.ts';

const SUBNET_FILE = '/run/flannel/subnet.env';
const DATA = '/var/lib/cni/flannel';

type Delegate = Readonly<Record<string, unknown>> & { readonly type?: string };

/** The variables of subnet.env, or why there are none. */
function* subnetOf(call: PluginCall): Routine<ReadonlyMap<string, string> | CniError> {
  const path = typeof call.config.subnetFile === 'string' ? call.config.subnetFile : SUBNET_FILE;
  const text = yield* readText(call.process, path);
  if (isErrno(text))
    return plainError(`loadFlannelSubnetEnv failed: open ${path}: ${text.message.toLowerCase()}`);
  const pairs = text.split('\n').map((line) => line.split('='));
  return new Map(pairs.map(([name = '', value = '']) => [name, value]));
}

/** The delegate's configuration: a bridge with the node's range, unless the network says otherwise. */
function delegateOf(call: PluginCall, subnet: ReadonlyMap<string, string>): Delegate {
  const { config } = call;
  const own = (config.delegate ?? {}) as Delegate;
  const type = own.type ?? 'bridge';
  const gateway =
    type === 'bridge' && own.isDefaultGateway === undefined && own.isGateway === undefined;
  return {
    mtu: Number(subnet.get('FLANNEL_MTU') ?? 0),
    ipMasq: subnet.get('FLANNEL_IPMASQ') !== 'true',
    ...(gateway ? { isGateway: true } : {}),
    ...own,
    type,
    name: config.name,
    cniVersion: config.cniVersion,
    ipam: {
      type: 'host-local',
      ranges: [[{ subnet: rangeOf(subnet.get('FLANNEL_SUBNET') ?? '') }]],
      routes: [{ dst: subnet.get('FLANNEL_NETWORK') ?? '' }],
    },
  };
}

/** `10.244.1.1/24`, the bridge's address, as the range `10.244.1.0/24`. */
function rangeOf(address: string): string {
  return address.replace(/\.\d+\//, '.0/');
}

function* run(call: PluginCall, input: string): Routine<CniResult | CniError | undefined> {
  const { type = '' } = JSON.parse(input) as Delegate;
  const directory = call.path.split(':').find((where) => call.process.exists(`${where}/${type}`));
  if (directory === undefined)
    return plainError(
      `failed to find plugin "${type}" in path [${call.path.replaceAll(':', ' ')}]`,
    );
  const answer = yield* runPlugin(
    call.process,
    `${directory}/${type}`,
    call.process.environment,
    input,
  );
  if (typeof answer === 'string') return plainError(answer);
  const value: unknown = answer.output.trim() === '' ? undefined : JSON.parse(answer.output);
  if (answer.status !== 0)
    return isCniError(value) ? value : plainError(`netplugin failed: "${answer.output}"`);
  return value as CniResult | undefined;
}

function* add(call: PluginCall): Routine<CniResult | CniError | undefined> {
  const subnet = yield* subnetOf(call);
  if (isCniError(subnet)) return subnet;
  const input = JSON.stringify(delegateOf(call, subnet as ReadonlyMap<string, string>));
  makeDirectories(call.process, DATA);
  writeWholeFile(call.process, `${DATA}/${call.containerId}`, encode(input), 0o600);
  return yield* run(call, input);
}

/** What was kept at ADD says how to undo it; nothing kept, nothing to do. */
function* del(call: PluginCall): Routine<CniResult | CniError | undefined> {
  const path = `${DATA}/${call.containerId}`;
  const input = yield* readText(call.process, path);
  if (isErrno(input)) return undefined;
  const failed = yield* run(call, input);
  if (isCniError(failed)) return failed;
  call.process.unlink(path);
  return undefined;
}

export const flannelPlugin = cniPlugin('flannel', {
  add,
  del,
  // biome-ignore lint/correctness/useYield: nothing is checked
  *check() {
    return undefined;
  },
});
