// Names and labels by which cri-dockerd finds its own among docker's containers: k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT, and
// the CRI's annotations as labels, since docker has none.

import type {
  ContainerConfig,
  ContainerMetadata,
  PodSandboxConfig,
  PodSandboxMetadata,
  StringMap,
} from '../../containers/cri/types.ts';

const PREFIX = 'k8s';
const DELIMITER = '_';
/** The name of sandboxes, in the place of the container's. */
const SANDBOX_NAME = 'POD';
const CONTAINER_NAME_LABEL = 'io.kubernetes.container.name';
const ANNOTATION = 'annotation.';

export const TYPE_LABEL = 'io.kubernetes.docker.type';
export const SANDBOX_TYPE = 'podsandbox';
export const CONTAINER_TYPE = 'container';
export const LOG_PATH_LABEL = 'io.kubernetes.container.logpath';
export const SANDBOX_ID_LABEL = 'io.kubernetes.sandbox.id';
const INTERNAL: readonly string[] = [TYPE_LABEL, LOG_PATH_LABEL, SANDBOX_ID_LABEL];

/** A container's name; without one, its sandbox's. */
export function containerName(pod: PodSandboxMetadata, container?: ContainerMetadata): string {
  const attempt = container ? container.attempt : pod.attempt;
  const first = container?.name ?? SANDBOX_NAME;
  return [PREFIX, first, pod.name, pod.namespace, pod.uid, attempt ?? 0].join(DELIMITER);
}

/** The parts of a name that docker has; undefined for a container of somebody else. */
export function parseName(
  name: string,
):
  | { readonly name: string; readonly pod: PodSandboxMetadata; readonly attempt: number }
  | undefined {
  const parts = name.replace(/^\//, '').split(DELIMITER);
  const [prefix, own = '', pod = '', namespace = '', uid = '', number = ''] = parts;
  if (prefix !== PREFIX || (parts.length !== 6 && parts.length !== 7)) return undefined;
  const attempt = Number(number);
  return { name: own, pod: { name: pod, namespace, uid, attempt }, attempt };
}

/** Labels and annotations in one. */
function merged(labels: StringMap = {}, annotations: StringMap = {}): Record<string, string> {
  const own = Object.entries(annotations).map(([key, value]) => [`${ANNOTATION}${key}`, value]);
  return { ...labels, ...Object.fromEntries(own) };
}

/** The labels of a sandbox. */
export function sandboxLabels({ labels, annotations }: PodSandboxConfig): Record<string, string> {
  return {
    ...merged(labels, annotations),
    [TYPE_LABEL]: SANDBOX_TYPE,
    [CONTAINER_NAME_LABEL]: SANDBOX_NAME,
  };
}

/** The labels of a container. */
export function containerLabels(
  { labels, annotations }: ContainerConfig,
  sandboxId: string,
  logPath: string,
): Record<string, string> {
  return {
    ...merged(labels, annotations),
    [TYPE_LABEL]: CONTAINER_TYPE,
    [LOG_PATH_LABEL]: logPath,
    [SANDBOX_ID_LABEL]: sandboxId,
  };
}

/** Docker's labels taken apart again, without those that are cri-dockerd's own. */
export function splitLabels(given: StringMap): { labels: StringMap; annotations: StringMap } {
  const labels: Record<string, string> = {};
  const annotations: Record<string, string> = {};
  const isSandbox = given[TYPE_LABEL] === SANDBOX_TYPE;
  for (const [key, value] of Object.entries(given)) {
    if (INTERNAL.includes(key) || (isSandbox && key === CONTAINER_NAME_LABEL)) continue;
    if (key.startsWith(ANNOTATION)) annotations[key.slice(ANNOTATION.length)] = value;
    else labels[key] = value;
  }
  return { labels, annotations };
}
