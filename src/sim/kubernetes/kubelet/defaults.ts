// Defaults of a pod that did not come through the API server: those of static pods.

import type { Container, Probe } from '../api/types/container.ts';
import type { PodSpec } from '../api/types/pod.ts';

function probeDefaults(probe: Probe | undefined): Probe | undefined {
  return (
    probe && {
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
      ...probe,
    }
  );
}

function containerDefaults(container: Container): Container {
  const { livenessProbe, readinessProbe, startupProbe, image = '' } = container;
  const live = probeDefaults(livenessProbe);
  const ready = probeDefaults(readinessProbe);
  const started = probeDefaults(startupProbe);
  const latest = !/[:@][^/]*$/.test(image) || image.endsWith(':latest');
  return {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: latest ? 'Always' : 'IfNotPresent',
    ...container,
    ...(live ? { livenessProbe: live } : {}),
    ...(ready ? { readinessProbe: ready } : {}),
    ...(started ? { startupProbe: started } : {}),
  };
}

/** The spec with what the API server would have filled in. */
export function podSpecDefaults(spec: PodSpec): PodSpec {
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: true,
    schedulerName: 'default-scheduler',
    ...spec,
    containers: spec.containers.map(containerDefaults),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(containerDefaults) } : {}),
  };
}
