// Static pods: manifests in a directory of the node, looked at when something in it changes and every twenty seconds. Each gets the node's name in its own and
// a uid made of its contents, so that a changed file is another pod.

import { sha256 } from '../../core/sha256.ts';
import { encode } from '../../core/text.ts';
import { MILLISECOND, rfc3339Fraction, SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil, WaitQueue, waitUntil } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { parseYaml, YamlProblem } from '../../userland/yaml/read.ts';
import type { Container } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import { readText } from '../component/kubeconfig.ts';
import type { KubeletContext } from './context.ts';
import { podSpecDefaults } from './defaults.ts';

/** What an editor takes between the first and the last change of a file. */
const SETTLING = 50 * MILLISECOND;

/** Annotations by which static pods and their mirrors are known. */
export const CONFIG = {
  hash: 'kubernetes.io/config.hash',
  mirror: 'kubernetes.io/config.mirror',
  seen: 'kubernetes.io/config.seen',
  source: 'kubernetes.io/config.source',
} as const;

/** Reads one manifest; undefined where it is no pod. */
function podOf(context: KubeletContext, text: string, file: string): Pod | undefined {
  const { nodeName } = context.settings;
  const read = parseYaml(text);
  if (read instanceof YamlProblem) return undefined;
  const object = read as Pod;
  if (object?.kind !== 'Pod' || !object.spec?.containers) return undefined;
  const hash = sha256(encode(`${nodeName}:${file}:${text}`)).slice(0, 32);
  const { metadata, spec } = object;
  const containers = spec.containers.map((container: Container) => container);
  return {
    ...object,
    metadata: {
      ...metadata,
      name: `${metadata.name}-${nodeName}`,
      namespace: metadata.namespace ?? 'default',
      uid: hash,
      annotations: {
        ...metadata.annotations,
        [CONFIG.hash]: hash,
        [CONFIG.seen]: rfc3339Fraction(context.simulation.now, 9),
        [CONFIG.source]: 'file',
      },
    },
    spec: podSpecDefaults({
      ...spec,
      containers,
      nodeName,
      tolerations: [...(spec.tolerations ?? []), { effect: 'NoExecute', operator: 'Exists' }],
    }),
    status: {},
  };
}

/** Follows the directory for ever; `tell` gets all pods of it whenever one came, changed or went. */
export function* followManifests(
  context: KubeletContext,
  tell: (pods: readonly Pod[]) => void,
): Routine<void> {
  const { process, settings, simulation } = context;
  const { cause } = simulation;
  const known = new Map<string, { readonly stamp: string; readonly pod: Pod | undefined }>();
  const news = new WaitQueue();
  let dirty = false;
  const watch = (): (() => void) | undefined => {
    const end = process.watch(settings.staticPodPath, () => {
      dirty = true;
      news.wake();
    });
    return isErrno(end) ? undefined : end;
  };
  let watching = watch();
  let first = true;
  for (;;) {
    simulation.cause = cause;
    dirty = false;
    const entries = process.readdir(settings.staticPodPath);
    const names = isErrno(entries)
      ? []
      : entries
          .map(({ name }) => name)
          .filter((name) => !name.startsWith('.'))
          .sort();
    let changed = first;
    first = false;
    for (const name of [...known.keys()]) {
      if (names.includes(name)) continue;
      known.delete(name);
      changed = true;
    }
    for (const name of names) {
      const path = `${settings.staticPodPath}/${name}`;
      const stat = process.stat(path);
      if (isErrno(stat)) continue;
      const stamp = `${stat.inode} ${stat.mtime} ${stat.size}`;
      if (known.get(name)?.stamp === stamp) continue;
      const text = yield* readText(process, path);
      known.set(name, { stamp, pod: isErrno(text) ? undefined : podOf(context, text, path) });
      changed = true;
    }
    if (changed) tell([...known.values()].flatMap(({ pod }) => (pod ? [pod] : [])));
    watching ??= watch();
    const until = simulation.now + settings.fileCheckFrequency * SECOND;
    if (yield* waitUntil(news, () => dirty, until)) yield* sleepUntil(simulation.now + SETTLING);
  }
}
