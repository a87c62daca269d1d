// What the kubelet tells of itself and its pods: /stats/summary (stats/v1alpha1) and /configz. File systems, networks and
// the node's own system containers are left out of the summary, fields that are at their default out of the configuration.

import { isRpcError } from '../../containers/rpc.ts';
import { rfc3339 } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Pod } from '../api/types/pod.ts';
import type { KubeletContext } from './context.ts';
import { LABELS } from './cri.ts';
import { nodeUsage } from './metrics.ts';

interface Value {
  readonly value: string;
}
interface Stats {
  readonly attributes: { readonly labels: Readonly<Record<string, string>> };
  readonly cpu: { readonly usageCoreNanoSeconds: Value; readonly usageNanoCores: Value };
  readonly memory: {
    readonly workingSetBytes: Value;
    readonly usageBytes: Value;
    readonly rssBytes: Value;
  };
}

interface Usage {
  readonly cpu: Readonly<Record<string, number | string>>;
  readonly memory: Readonly<Record<string, number | string>>;
}

function usageOf(list: readonly Stats[], time: string): Usage {
  const sum = (read: (stats: Stats) => Value): number =>
    list.reduce((total, stats) => total + Number(read(stats).value), 0);
  return {
    cpu: {
      time,
      usageNanoCores: sum(({ cpu }) => cpu.usageNanoCores),
      usageCoreNanoSeconds: sum(({ cpu }) => cpu.usageCoreNanoSeconds),
    },
    memory: {
      time,
      usageBytes: sum(({ memory }) => memory.usageBytes),
      workingSetBytes: sum(({ memory }) => memory.workingSetBytes),
      rssBytes: sum(({ memory }) => memory.rssBytes),
    },
  };
}

/** The node's processor time at the look before, by its kubelet. */
const looks = new WeakMap<KubeletContext, { readonly at: number; readonly cpu: number }>();

/** What the node as a whole uses: its root control group. */
function* usageOfNode(context: KubeletContext, time: string): Routine<Usage> {
  const used = yield* nodeUsage(context);
  const cpu = Math.round(used.cpu * 1e9);
  const { now } = context.simulation;
  const before = looks.get(context) ?? { at: context.process.task.kernel.bootedAt, cpu: 0 };
  const usageNanoCores =
    now > before.at ? Math.round(((cpu - before.cpu) / (now - before.at)) * 1e9) : 0;
  looks.set(context, { at: now, cpu });
  const { memory } = used;
  return {
    cpu: { time, usageNanoCores, usageCoreNanoSeconds: cpu },
    memory: { time, usageBytes: memory, workingSetBytes: memory, rssBytes: memory },
  };
}

/** The answer of /stats/summary. */
export function* statsSummary(context: KubeletContext, pods: readonly Pod[]): Routine<object> {
  const found = yield* context.cri.containerStats();
  const all = isRpcError(found) ? [] : (found as readonly Stats[]);
  const time = rfc3339(context.simulation.now);
  const { nodeName } = context.settings;
  return {
    node: { nodeName, systemContainers: [], ...(yield* usageOfNode(context, time)) },
    pods: pods.map(({ metadata, status }) => {
      const own = all.filter(({ attributes }) => attributes.labels[LABELS.uid] === metadata.uid);
      const { name, namespace, uid } = metadata;
      return {
        podRef: { name, namespace, uid },
        startTime: status?.startTime,
        containers: own.map((stats) => ({
          name: stats.attributes.labels[LABELS.container],
          ...usageOf([stats], time),
        })),
        ...usageOf(own, time),
      };
    }),
  };
}

/** The answer of /configz. */
export function configuration({ settings }: KubeletContext): object {
  return {
    kubeletconfig: {
      staticPodPath: settings.staticPodPath,
      fileCheckFrequency: `${settings.fileCheckFrequency}s`,
      clusterDomain: settings.clusterDomain,
      clusterDNS: settings.clusterDns,
      authentication: {
        x509: { clientCAFile: settings.clientCaFile },
        webhook: { enabled: true, cacheTTL: '2m0s' },
        anonymous: { enabled: false },
      },
      authorization: {
        mode: 'Webhook',
        webhook: { cacheAuthorizedTTL: '5m0s', cacheUnauthorizedTTL: '30s' },
      },
      cgroupDriver: 'cgroupfs',
      nodeLeaseDurationSeconds: 40,
      maxPods: settings.maxPods,
      podPidsLimit: -1,
      port: 10250,
    },
  };
}
