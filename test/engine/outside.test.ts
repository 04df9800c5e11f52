import type { Direction } from '../../src/engine/compilation';
import {
  isOpen,
  ofAny,
  ofAnybody,
  ofApiServer,
  ofBlock,
  ofClients,
  ofUnnamed,
} from '../../src/engine/outside';
import type { Verdict } from '../../src/engine/verdict';
import { World } from '../../src/engine/world';
import type { ClusterFacts } from '../../src/read/cluster';
import { clusterOf } from '../../src/read/cluster-of';
import { readText } from '../../src/read/read-text';
import { Protocol } from '../../src/values/port';

const pod = `apiVersion: v1
kind: Pod
metadata: { name: p, namespace: ml }
spec: { containers: [{ name: main, image: p }] }
---
`;
const policy = (direction: 'Ingress' | 'Egress', rules: string): string => `${pod}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: a, namespace: ml }
spec: { podSelector: {}, policyTypes: [${direction}], ${direction.toLowerCase()}: ${rules} }
`;
const apiServer = (addresses: readonly string[]): Partial<ClusterFacts> => ({
  apiServer: { addresses, ports: [6443] },
});

function asked(
  yaml: string,
  question: (world: World, place: number) => Verdict | undefined,
  profile: Partial<ClusterFacts> = {},
): string {
  const { world, place } = worldOf(yaml, profile);
  const verdict = question(world, place);
  return verdict === undefined ? 'nothing' : world.word(verdict, Protocol.TCP, 80);
}

function worldOf(yaml: string, profile: Partial<ClusterFacts> = {}) {
  const cluster = clusterOf(readText('a.yaml', yaml));
  const world = new World({ ...cluster, profile: { ...cluster.profile, ...profile } });
  const place = world.classes.findIndex(({ workload }) => workload.id === 'ml/Pod/p');
  return { world, place };
}

const block = policy('Ingress', '[{ from: [{ ipBlock: { cidr: 10.0.0.0/24 } }] }]');
const anybody = policy('Ingress', '[{ ports: [{ port: 80 }] }]');
const pods = policy('Ingress', '[{ from: [{ namespaceSelector: {} }] }]');

test('a block passes where each of its addresses does', () => {
  const of = (cidr: string) => (world: World, place: number) =>
    ofBlock(world, place, 'ingress', cidr);
  expect(asked(block, of('10.0.0.0/24'))).toBe('ALLOWED');
  expect(asked(block, of('10.0.0.7/32'))).toBe('ALLOWED');
  expect(asked(block, of('10.0.0.0/23'))).toBe('DENIED');
  expect(asked(block, of('::/0'))).toBe('DENIED');
  expect(asked(anybody, of('::/0'))).toBe('ALLOWED');
  expect(asked(block, of('everywhere'))).toBe('nothing');
});

test('the API server is no pod', () => {
  expect(asked(pod, ofApiServer)).toBe('ALLOWED');
  expect(asked(anybody, ofApiServer)).toBe('ALLOWED');
  expect(asked(pods, ofApiServer)).toBe('DENIED');
  expect(asked(block, ofApiServer)).toBe('UNKNOWN');
  expect(asked(block, ofApiServer, apiServer(['10.0.0.1/32']))).toBe('ALLOWED');
  expect(asked(block, ofApiServer, apiServer(['10.0.0.1/32', '10.0.1.1/32']))).toBe('DENIED');
});

test('the API server calls through pods where the profile knows them', () => {
  const callers = { namespace: 'kube-system', labels: { app: 'konnectivity-agent' } };
  const profile = { apiServer: { addresses: [], ports: [], webhookCallers: callers } };
  expect(asked(pods, ofApiServer, profile)).toBe('ALLOWED');
  expect(asked(block, ofApiServer, profile)).not.toBe('ALLOWED');
});

test('clients are nobody’s pods', () => {
  expect(asked(anybody, ofClients)).toBe('ALLOWED');
  expect(asked(block, ofClients)).toBe('ALLOWED');
  expect(asked(pods, ofClients)).toBe('DENIED');
  expect(asked(pods, ofAnybody)).toBe('ALLOWED');
  expect(asked(policy('Ingress', '[]'), ofAnybody)).toBe('DENIED');
});

test('pods are open where nothing is held back', () => {
  const open = (yaml: string, direction: Direction): boolean => {
    const { world, place } = worldOf(yaml);
    return isOpen(world, place, direction);
  };
  expect(open(pod, 'egress')).toBe(true);
  expect(open(policy('Egress', '[{}]'), 'egress')).toBe(true);
  expect(open(policy('Egress', '[{ ports: [{ port: 80 }] }]'), 'egress')).toBe(false);
  expect(open(policy('Egress', '[]'), 'ingress')).toBe(true);
  expect(asked(pods, (world, place) => ofUnnamed(world, place, 'ingress'))).toBe('DENIED');
});

test('any of several callers will do', () => {
  expect(
    asked(pods, (world, place) => ofAny(world, [ofClients(world, place), ofAnybody(world, place)])),
  ).toBe('ALLOWED');
  expect(asked(anybody, (world) => ofAny(world, []))).toBe('DENIED');
});
