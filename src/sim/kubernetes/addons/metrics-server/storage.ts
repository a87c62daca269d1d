// What metrics-server keeps: of every node and container the last two looks at its meters; a rate needs both. Pure.

/** One look at a meter. */
interface Point {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Processor seconds since it began. */
  readonly cpu: number;
  readonly memory: number;
}

interface Pair {
  readonly before: Point | undefined;
  readonly last: Point;
}

/** Use between two looks. */
export interface Use {
  /** Billionths of a processor. */
  readonly nanoCores: number;
  readonly bytes: number;
  readonly at: number;
  /** Seconds between the looks. */
  readonly window: number;
}

/** Meters by key: `node` or `namespace/pod/container`. */
export type Points = ReadonlyMap<string, Point>;

export class MetricStorage {
  private pairs = new Map<string, Pair>();

  /** Takes in what was read of all nodes. */
  store(points: Points): void {
    const next = new Map<string, Pair>();
    for (const [key, last] of points) {
      const known = this.pairs.get(key)?.last;
      const before = known && known.cpu <= last.cpu ? known : undefined;
      next.set(key, { before, last });
    }
    this.pairs = next;
  }

  /** True once anything can be told. */
  get ready(): boolean {
    return [...this.pairs.values()].some(({ before }) => before !== undefined);
  }

  /** The use of one meter. */
  use(key: string): Use | undefined {
    const pair = this.pairs.get(key);
    if (!pair?.before || pair.last.at <= pair.before.at) return undefined;
    const { before, last } = pair;
    const window = (last.at - before.at) / 1000;
    const nanoCores = Math.round(((last.cpu - before.cpu) / window) * 1e9);
    return { nanoCores, bytes: last.memory, at: last.at, window };
  }

  /** The uses of a pod's containers, by container. */
  ofPod(key: string): readonly (readonly [string, Use])[] {
    const uses: (readonly [string, Use])[] = [];
    for (const name of this.pairs.keys()) {
      if (!name.startsWith(`${key}/`)) continue;
      const use = this.use(name);
      if (use) uses.push([name.slice(key.length + 1), use]);
    }
    return uses;
  }
}

const LINE = /^(\w+?)(?:\{([^}]*)\})? (\S+) (\d+)$/;

/** The meters of a node's /metrics/resource, with the node's own under its name. */
export function parseMetrics(text: string, node: string): Map<string, Point> {
  const points = new Map<string, { at: number; cpu: number; memory: number }>();
  for (const line of text.split('\n')) {
    const [, name = '', labels = '', value = '0', at = '0'] = LINE.exec(line) ?? [];
    const [, scope, meter] = /^(container|node)_(cpu|memory)_/.exec(name) ?? [];
    if (!scope) continue;
    const label = (wanted: string): string =>
      new RegExp(`(?:^|,)${wanted}="([^"]*)"`).exec(labels)?.[1] ?? '';
    const key =
      scope === 'node' ? node : `${label('namespace')}/${label('pod')}/${label('container')}`;
    const point = points.get(key) ?? { at: Number(at), cpu: 0, memory: 0 };
    if (meter === 'cpu') point.cpu = Number(value);
    else point.memory = Number(value);
    points.set(key, point);
  }
  return points;
}

interface Usage {
  readonly cpu?: { readonly time: string; readonly usageCoreNanoSeconds?: number };
  readonly memory?: { readonly workingSetBytes?: number };
}

interface Summary {
  readonly node: Usage;
  readonly pods: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly containers?: readonly (Usage & { readonly name: string })[];
  }[];
}

/** The same meters out of a node's /stats/summary, which versions before 0.5 read. */
export function parseSummary(text: string, node: string): Map<string, Point> {
  const points = new Map<string, Point>();
  const add = (key: string, { cpu, memory }: Usage): void => {
    if (!cpu) return;
    points.set(key, {
      at: Date.parse(cpu.time),
      cpu: (cpu.usageCoreNanoSeconds ?? 0) / 1e9,
      memory: memory?.workingSetBytes ?? 0,
    });
  };
  const summary = JSON.parse(text) as Summary;
  add(node, summary.node);
  for (const { podRef, containers } of summary.pods)
    for (const container of containers ?? [])
      add(`${podRef.namespace}/${podRef.name}/${container.name}`, container);
  return points;
}
