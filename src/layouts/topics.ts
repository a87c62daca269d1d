// The topics in reading order, and the parts that group them. A topic is a folder under content/.

export interface Topic {
  readonly id: string;
  readonly title: string;
  readonly part: string;
}

export const topics = [
  { id: 'namespaces', title: 'Namespaces', part: 'One machine' },
  { id: 'cgroups', title: 'Control groups', part: 'One machine' },
  { id: 'images', title: 'Images', part: 'Containers' },
  { id: 'runtimes', title: 'Runtimes', part: 'Containers' },
  { id: 'pods', title: 'Pods', part: 'A cluster' },
  { id: 'services', title: 'Services', part: 'A cluster' },
  { id: 'etcd', title: 'etcd', part: 'A cluster' },
  { id: 'dns', title: 'DNS', part: 'A cluster' },
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
