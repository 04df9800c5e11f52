import { Protocol } from '../../src/values/port';
import { reachesUnseen } from '../../src/engine/unseen';
import { World } from '../../src/engine/world';
import { clusterOf } from '../../src/read/cluster-of';
import { readText } from '../../src/read/read-text';

const pod = `
apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: ml-training, labels: { app: bert } }
spec: { containers: [{ name: main }] }
---`;
const policy = (egress: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: egress, namespace: ml-training }
spec: { podSelector: {}, policyTypes: [Egress], egress: ${egress} }
---`;
const inSystem =
  'namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: istio-system } }';

function istiod(yaml: string): string {
  const world = new World(clusterOf(readText('all.yaml', pod + yaml)));
  const place = world.classes.findIndex(({ workload }) => workload.name === 'bert');
  const pods = { namespace: 'istio-system', labels: { app: 'istiod' } };
  return reachesUnseen(world, { place, direction: 'egress' }, pods, [Protocol.TCP, 15012]);
}

test.each([
  ['nobody isolates them', '', 'ALLOWED'],
  ['a rule for everything', policy('[{}]'), 'ALLOWED'],
  ['their namespace', policy(`[{ to: [{ ${inSystem} }] }]`), 'ALLOWED'],
  [
    'their labels',
    policy(`[{ to: [{ ${inSystem}, podSelector: { matchLabels: { app: istiod } } }] }]`),
    'ALLOWED',
  ],
  [
    'other labels',
    policy(`[{ to: [{ ${inSystem}, podSelector: { matchLabels: { app: gateway } } }] }]`),
    'DENIED',
  ],
  [
    'a label that may be theirs',
    policy(`[{ to: [{ ${inSystem}, podSelector: { matchLabels: { rev: a } } }] }]`),
    'UNKNOWN',
  ],
  [
    'a namespace by another label',
    policy('[{ to: [{ namespaceSelector: { matchLabels: { team: mesh } } }] }]'),
    'UNKNOWN',
  ],
  ['the own namespace', policy('[{ to: [{ podSelector: {} }] }]'), 'DENIED'],
  ['another port', policy('[{ ports: [{ port: 15010 }] }]'), 'DENIED'],
  ['a range', policy('[{ ports: [{ port: 15000, endPort: 15020 }] }]'), 'ALLOWED'],
  ['UDP', policy('[{ ports: [{ port: 15012, protocol: UDP }] }]'), 'DENIED'],
  ['a port by name', policy('[{ ports: [{ port: xds }] }]'), 'UNKNOWN'],
  ['addresses', policy('[{ to: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }]'), 'UNKNOWN'],
  ['nothing', policy('[]'), 'DENIED'],
])('%s', (_, yaml, verdict) => {
  expect(istiod(yaml)).toBe(verdict);
});
