// What kube-router makes of policies: a rule for every combination of peer and port, and a chain for every pod of the node.

import { describe, expect, it } from 'vitest';
import {
  type ClusterState,
  policyInfos,
} from '../../../src/sim/kubernetes/addons/kube-router/policies.ts';
import { firewallOf } from '../../../src/sim/kubernetes/addons/kube-router/rules.ts';

const pod = (namespace: string, name: string, podIP: string, labels: object): object => ({
  metadata: { namespace, name, labels },
  spec: {
    nodeName: 'n',
    containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 80 }] }],
  },
  status: { phase: 'Running', podIP },
});

function stateOf(spec: object): ClusterState {
  return {
    pods: [
      pod('default', 'web', '10.244.0.2', { app: 'web' }),
      pod('default', 'friend', '10.244.0.3', { role: 'friend' }),
      pod('other', 'friend', '10.244.0.4', { role: 'friend' }),
    ],
    namespaces: [
      { metadata: { name: 'default', labels: {} } },
      { metadata: { name: 'other', labels: { team: 'b' } } },
    ],
    policies: [{ metadata: { namespace: 'default', name: 'p' }, spec }],
  } as unknown as ClusterState;
}

describe('kube-router', () => {
  it('keeps pod selectors to the namespace of the policy unless namespaces are named', () => {
    const from = (peer: object): readonly string[] => {
      const [info] = policyInfos(
        stateOf({ podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from: [peer] }] }),
      );
      return info?.ingress?.[0]?.addresses ?? [];
    };
    const friends = { matchLabels: { role: 'friend' } };
    expect(from({ podSelector: friends })).toEqual(['10.244.0.3']);
    expect(from({ podSelector: friends, namespaceSelector: {} })).toEqual([
      '10.244.0.3',
      '10.244.0.4',
    ]);
    expect(from({ namespaceSelector: { matchLabels: { team: 'b' } } })).toEqual(['10.244.0.4']);
  });

  it('splits 0.0.0.0/0, marks exceptions, and finds the number of a named port', () => {
    const [info] = policyInfos(
      stateOf({
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [
          {
            to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }],
            ports: [{ port: 70, endPort: 90 }],
          },
          { to: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 'http' }] },
        ],
      }),
    );
    expect(info?.ingress).toBeUndefined();
    expect(info?.egress?.[0]?.networks).toEqual([
      '0.0.0.0/1 timeout 0',
      '128.0.0.0/1 timeout 0',
      '10.0.0.0/8 timeout 0 nomatch',
    ]);
    expect(info?.egress?.[0]?.ports).toEqual([{ protocol: 'TCP', port: '70:90' }]);
    expect(info?.egress?.[1]?.named).toEqual([
      { protocol: 'TCP', port: '80', addresses: ['10.244.0.2'] },
    ]);
  });

  it('lets pods that no policy selects pass by the default chain', () => {
    const state = stateOf({ podSelector: { matchLabels: { app: 'web' } } });
    const pods = [
      { namespace: 'default', name: 'web', address: '10.244.0.2' },
      { namespace: 'default', name: 'friend', address: '10.244.0.3' },
    ];
    const { text } = firewallOf(policyInfos(state), pods, '10.96.0.0/12', 'v');
    expect(text).toMatch(/-d 10\.244\.0\.2 .*run through nw policy p/);
    expect(text).not.toMatch(/-d 10\.244\.0\.2 .*run through default ingress/);
    expect(text).toMatch(/-d 10\.244\.0\.3 .*run through default ingress/);
  });
});
