// kube-proxy's configuration as kubeadm keeps it in the config map of its DaemonSet.

import type { ClusterConfiguration } from './configuration.ts';

/**
 * kube-proxy's configuration file, with the defaults written out as kubeadm writes them. Tuned: in iptables mode by name, and
 * without limits to connections, as in a machine that shares its kernel with others.
 */
export function kubeProxyConfiguration(cluster: ClusterConfiguration, isTuned = false): string {
  const podNetwork = cluster.networking.podSubnet ?? '""';
  const [most, least, wait] = isTuned ? [0, 0, '0s'] : ['null', 'null', 'null'];
  return `apiVersion: kubeproxy.config.k8s.io/v1alpha1
bindAddress: 0.0.0.0
bindAddressHardFail: false
clientConnection:
  acceptContentTypes: ""
  burst: 0
  contentType: ""
  kubeconfig: /var/lib/kube-proxy/kubeconfig.conf
  qps: 0
clusterCIDR: ${podNetwork}
configSyncPeriod: 0s
conntrack:
  maxPerCore: ${most}
  min: ${least}
  tcpBeLiberal: false
  tcpCloseWaitTimeout: ${wait}
  tcpEstablishedTimeout: ${wait}
  udpStreamTimeout: 0s
  udpTimeout: 0s
detectLocal:
  bridgeInterface: ""
  interfaceNamePrefix: ""
detectLocalMode: ""
enableProfiling: false
healthzBindAddress: ""
hostnameOverride: ""
iptables:
  localhostNodePorts: null
  masqueradeAll: false
  masqueradeBit: null
  minSyncPeriod: 0s
  syncPeriod: 0s
ipvs:
  excludeCIDRs: null
  minSyncPeriod: 0s
  scheduler: ""
  strictARP: false
  syncPeriod: 0s
  tcpFinTimeout: 0s
  tcpTimeout: 0s
  udpTimeout: 0s
kind: KubeProxyConfiguration
logging:
  flushFrequency: 0
  options:
    json:
      infoBufferSize: "0"
    text:
      infoBufferSize: "0"
  verbosity: 0
metricsBindAddress: ""
mode: ${isTuned ? 'iptables' : '""'}
nftables:
  masqueradeAll: false
  masqueradeBit: null
  minSyncPeriod: 0s
  syncPeriod: 0s
nodePortAddresses: null
oomScoreAdj: null
portRange: ""
showHiddenMetricsForVersion: ""
winkernel:
  enableDSR: false
  forwardHealthCheckVip: false
  networkName: ""
  rootHnsEndpointName: ""
  sourceVip: ""
`;
}
