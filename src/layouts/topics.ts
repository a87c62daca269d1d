// The topics in reading order, and the parts that group them. A topic is a folder under content/.

export interface Topic {
  readonly id: string;
  readonly title: string;
  readonly part: string;
}

export const topics = [
  { id: 'chroot', title: 'chroot', part: 'One machine' },
  { id: 'namespaces', title: 'Namespaces', part: 'One machine' },
  { id: 'cgroups', title: 'Control groups', part: 'One machine' },
  { id: 'toolbox', title: 'Toolbox', part: 'One machine' },
  { id: 'containers', title: 'Containers', part: 'Containers' },
  { id: 'images', title: 'Images', part: 'Containers' },
  { id: 'building-images', title: 'Building images', part: 'Containers' },
  { id: 'volumes', title: 'Volumes', part: 'Containers' },
  { id: 'container-networking', title: 'Container networking', part: 'Containers' },
  { id: 'compose', title: 'Compose', part: 'Containers' },
  { id: 'runtimes', title: 'Runtimes', part: 'Containers' },
  { id: 'pause-container', title: 'The pause container', part: 'Containers' },
  { id: 'virtual-machines', title: 'Virtual machines', part: 'Containers' },
  { id: 'orchestration', title: 'Orchestration', part: 'Containers' },
  { id: 'architecture', title: 'Architecture', part: 'A cluster' },
  { id: 'clusters', title: 'Clusters', part: 'A cluster' },
  { id: 'kubectl', title: 'kubectl', part: 'A cluster' },
  { id: 'namespaces-k8s', title: 'Namespaces of a cluster', part: 'A cluster' },
  { id: 'labels', title: 'Labels', part: 'A cluster' },
  { id: 'etcd', title: 'etcd', part: 'A cluster' },
  { id: 'addons', title: 'Add-ons', part: 'A cluster' },
  { id: 'pods', title: 'Pods', part: 'Workloads' },
  { id: 'kubelet', title: 'The kubelet', part: 'Workloads' },
  { id: 'deployments', title: 'Deployments', part: 'Workloads' },
  { id: 'daemonsets', title: 'Daemon sets', part: 'Workloads' },
  { id: 'statefulsets', title: 'Stateful sets', part: 'Workloads' },
  { id: 'jobs', title: 'Jobs', part: 'Workloads' },
  { id: 'scheduling', title: 'Scheduling', part: 'Workloads' },
  { id: 'services', title: 'Services', part: 'Traffic' },
  { id: 'kube-proxy', title: 'kube-proxy', part: 'Traffic' },
  { id: 'dns', title: 'DNS', part: 'Traffic' },
  { id: 'ingress', title: 'Ingress', part: 'Traffic' },
  { id: 'cni', title: 'Pod networks', part: 'Traffic' },
  { id: 'config', title: 'Configuration', part: 'Data' },
  { id: 'storage', title: 'Storage', part: 'Data' },
] as const satisfies readonly Topic[];

export type TopicId = (typeof topics)[number]['id'];

export const topicIds = topics.map((topic) => topic.id) as [TopicId, ...TopicId[]];

/** The parts in order, each with its topics. */
export function parts(): { title: string; topics: Topic[] }[] {
  const found = new Map<string, Topic[]>();
  for (const topic of topics) {
    const list = found.get(topic.part);
    if (list) list.push(topic);
    else found.set(topic.part, [topic]);
  }
  return [...found].map(([title, list]) => ({ title, topics: list }));
}
