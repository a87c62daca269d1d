// Hashes in names, against those that a real cluster gave to the same templates.

import { describe, expect, it } from 'vitest';
import { templateHash } from '../../../src/sim/kubernetes/controllers/machinery/hash.ts';

/** A deployment's template as the server fills it in. */
function template(container: object): object {
  return {
    metadata: { labels: { app: 'web' } },
    spec: {
      containers: [
        {
          name: 'nginx',
          image: 'nginx:1.27',
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
          ...container,
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      schedulerName: 'default-scheduler',
    },
  };
}

describe('pod-template-hash', () => {
  it('is that of kube-controller-manager', () => {
    expect(templateHash(template({}), undefined)).toBe('7d876db474');
    const ports = [{ containerPort: 80, protocol: 'TCP' }];
    expect(templateHash(template({ ports }), undefined)).toBe('cc544bdcc');
  });

  it('changes with a collision', () => {
    expect(templateHash(template({}), 1)).not.toBe(templateHash(template({}), undefined));
  });
});
