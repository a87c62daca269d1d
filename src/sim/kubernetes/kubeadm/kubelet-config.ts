// /var/lib/kubelet/config.yaml as kubeadm's phase `kubelet-start` writes it.

import type { ClusterConfiguration } from './configuration.ts';
import { serviceAddress } from './networks.ts';

/** The text of the KubeletConfiguration; `endpoint` is the runtime's socket, '' in the config map for all nodes. */
export function kubeletConfiguration(
  cluster: ClusterConfiguration,
  endpoint: string,
  cgroupDriver = 'cgroupfs',
): string {
  const { dnsDomain, serviceSubnet } = cluster.networking;
  return `apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    cacheTTL: 0s
    enabled: true
  x509:
    clientCAFile: ${cluster.certificatesDir}/ca.crt
authorization:
  mode: Webhook
  webhook:
    cacheAuthorizedTTL: 0s
    cacheUnauthorizedTTL: 0s
cgroupDriver: ${cgroupDriver}
clusterDNS:
- ${serviceAddress(serviceSubnet, 10)}
clusterDomain: ${dnsDomain}
containerRuntimeEndpoint: ${endpoint === '' ? '""' : endpoint}
cpuManagerReconcilePeriod: 0s
crashLoopBackOff: {}
evictionPressureTransitionPeriod: 0s
fileCheckFrequency: 0s
healthzBindAddress: 127.0.0.1
healthzPort: 10248
httpCheckFrequency: 0s
imageMaximumGCAge: 0s
imageMinimumGCAge: 0s
kind: KubeletConfiguration
logging:
  flushFrequency: 0
  options:
    json:
      infoBufferSize: "0"
    text:
      infoBufferSize: "0"
  verbosity: 0
memorySwap: {}
nodeStatusReportFrequency: 0s
nodeStatusUpdateFrequency: 0s
rotateCertificates: true
runtimeRequestTimeout: 0s
shutdownGracePeriod: 0s
shutdownGracePeriodCriticalPods: 0s
staticPodPath: /etc/kubernetes/manifests
streamingConnectionIdleTimeout: 0s
syncFrequency: 0s
volumeStatsAggPeriod: 0s
`;
}

/** /var/lib/kubelet/instance-config.yaml: what is this node's own. */
export function instanceConfiguration(endpoint: string): string {
  return `apiVersion: kubelet.config.k8s.io/v1beta1\ncontainerRuntimeEndpoint: ${endpoint}\nkind: KubeletConfiguration\n`;
}
