// The cluster: nodes with the pods on them, pods that wait for a node, and services with what stands behind
// them. Choosing a service marks its pods.

import type { ClusterEntry, NodeEntry, PodEntry, ServiceEntry } from '../../../src/worker/views.ts';
import { draw, drawButton } from './draw.ts';

/** Returns the function that draws the cluster anew. */
export function clusterView(
  place: HTMLElement,
  look: (command: string) => void,
): (cluster: ClusterEntry | undefined) => void {
  let chosen = '';
  const mark = (cluster: ClusterEntry): void => {
    const service = cluster.services.find((other) => keyOf(other) === chosen);
    const behind = new Set(service?.pods.map((pod) => `${service.namespace}/${pod}`));
    for (const cell of place.querySelectorAll<HTMLElement>('.pod')) {
      cell.classList.toggle('behind', behind.has(cell.dataset.pod ?? ''));
    }
    for (const row of place.querySelectorAll<HTMLElement>('.service')) {
      row.setAttribute('aria-pressed', String(row.dataset.service === chosen));
    }
  };
  const podCell = (pod: PodEntry): HTMLElement => {
    const state = pod.ready ? 'ready' : pod.status === 'Running' ? 'unready' : stateOf(pod.status);
    const name = `kubectl -n ${pod.namespace} describe pod ${pod.name}`;
    const cell = drawButton(`pod ${state}`, pod.name, () => look(name));
    cell.dataset.pod = keyOf(pod);
    cell.title = `${pod.namespace}, ${pod.status}${pod.address && `, ${pod.address}`}`;
    cell.append(draw('small', '', pod.status));
    return cell;
  };
  const nodeBox = (cluster: ClusterEntry, node: NodeEntry): HTMLElement => {
    const pods = cluster.pods.filter((pod) => pod.node === node.name);
    const facts = [
      node.controlPlane ? 'control plane' : 'worker',
      node.ready ? 'Ready' : 'NotReady',
      ...(node.schedulable ? [] : ['cordoned']),
    ].join(' · ');
    return draw(
      'section',
      node.ready ? 'node' : 'node lost',
      draw('h3', '', node.name, draw('small', '', facts)),
      draw('div', 'pods', ...inOrder(pods).map(podCell)),
    );
  };
  return (cluster) => {
    if (!cluster) {
      place.replaceChildren(draw('p', 'empty', 'No API server answers in this lab.'));
      return;
    }
    const homeless = cluster.pods.filter((pod) => pod.node === '');
    const rows = cluster.services.map((service) => {
      const row = drawButton('service', '', () => {
        chosen = chosen === keyOf(service) ? '' : keyOf(service);
        mark(cluster);
      });
      row.dataset.service = keyOf(service);
      row.append(
        draw('b', '', service.name),
        draw('span', '', `${service.type} ${service.address} ${service.ports.join(' ')}`),
        draw('small', '', behindIt(service.pods.length)),
      );
      return row;
    });
    place.replaceChildren(
      draw('div', 'nodes', ...cluster.nodes.map((node) => nodeBox(cluster, node))),
      ...(homeless.length > 0
        ? [
            draw(
              'section',
              'node waiting',
              draw('h3', '', 'on no node yet'),
              ...homeless.map(podCell),
            ),
          ]
        : []),
      draw('section', 'services', draw('h3', '', 'Services'), ...rows),
    );
    mark(cluster);
  };
}

function keyOf(object: PodEntry | ServiceEntry): string {
  return `${object.namespace}/${object.name}`;
}

function behindIt(count: number): string {
  return count === 0
    ? 'no pods behind it'
    : count === 1
      ? '1 pod behind it'
      : `${count} pods behind it`;
}

/** The reader's own pods first, those of the cluster itself last. */
function inOrder(pods: readonly PodEntry[]): PodEntry[] {
  const rank = (pod: PodEntry): number => (pod.namespace === 'kube-system' ? 1 : 0);
  return [...pods].sort((a, b) => rank(a) - rank(b));
}

function stateOf(status: string): string {
  if (status === 'Completed' || status === 'Succeeded') return 'complete';
  if (/Error|BackOff|Failed|Evicted|OOM|Invalid/.test(status)) return 'failing';
  return 'pending';
}
