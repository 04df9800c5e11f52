/** Which policies a proxy obeys (1.2), and which waypoint stands before a Service. */
import { appliesTo } from '../../../src/engine/istio/attachment';
import type { EnforcementPoint } from '../../../src/engine/istio/attachment';
import { waypointOf } from '../../../src/engine/istio/ambient';
import type { Resource } from '../../../src/read/resource';
import { authorization } from '../../naive/istio-story';
import { istioFacts } from './facts';

const ROOT = 'istio-system';
const HOME = 'llm-serving';
const own = { namespace: HOME, labels: { app: 'model-api' }, rootNamespace: ROOT };
const points: Readonly<Record<string, EnforcementPoint>> = {
  sidecar: { proxy: 'sidecar', ...own },
  ztunnel: { proxy: 'ztunnel', ...own },
  gateway: { proxy: 'gateway', ...own },
  'Gateway API gateway': {
    proxy: 'gateway',
    ...own,
    labels: { app: 'model-api', 'gateway.networking.k8s.io/gateway-name': 'public' },
  },
  waypoint: {
    proxy: 'waypoint',
    namespace: HOME,
    name: 'waypoint',
    services: [
      { namespace: HOME, name: 'model-api' },
      { namespace: HOME, name: 'hub', kind: 'ServiceEntry' },
    ],
    rootNamespace: ROOT,
  },
};

const target = (kind: string, name: string, group = ''): Record<string, unknown> => ({
  targetRefs: [{ kind, name, group }],
});
const PODS = ['sidecar', 'ztunnel', 'gateway', 'Gateway API gateway'];

describe('a policy', () => {
  test.each([
    ['without selector', {}, HOME, PODS],
    ['with a selector', { selector: { matchLabels: { app: 'model-api' } } }, HOME, PODS],
    ['with an empty selector', { selector: {} }, HOME, PODS],
    ['with another selector', { selector: { matchLabels: { app: 'other' } } }, HOME, []],
    ['of another namespace', {}, 'ml-training', []],
    ['of the root namespace', {}, ROOT, PODS],
    ['of the root namespace', { selector: { matchLabels: { app: 'other' } } }, ROOT, []],
    ['for the Service', target('Service', 'model-api'), HOME, ['waypoint']],
    ['for a Service of that name elsewhere', target('Service', 'model-api'), 'ml-training', []],
    ['for another Service', target('Service', 'other'), HOME, []],
    ['for the ServiceEntry', target('ServiceEntry', 'hub'), HOME, ['waypoint']],
    ['for the waypoint', target('Gateway', 'waypoint'), HOME, ['waypoint']],
    ['for the gateway', target('Gateway', 'public'), HOME, ['Gateway API gateway']],
    ['for all waypoints', target('GatewayClass', 'istio-waypoint'), ROOT, ['waypoint']],
    ['for all waypoints, but not of root', target('GatewayClass', 'istio-waypoint'), HOME, []],
    ['with one target', { targetRef: { kind: 'Gateway', name: 'waypoint' } }, HOME, ['waypoint']],
    ['with no targets in its list', { targetRefs: [] }, HOME, PODS],
  ])('%s %j in %s is for %j', (_, spec, namespace, expected) => {
    const policy = istioFacts(authorization(spec, { namespace }));
    const obeying = Object.keys(points).filter((name) => {
      const point = points[name];
      return point !== undefined && appliesTo(policy, point);
    });
    expect(obeying).toEqual(expected);
  });
});

describe('the waypoint before a Service', () => {
  const gateway = (spec: object, { name = 'waypoint', namespace = HOME, labels = {} } = {}) =>
    ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      namespace,
      name,
      object: { metadata: { labels }, spec },
    }) as unknown as Resource;
  const isWaypoint = { gatewayClassName: 'istio-waypoint' };
  const ask = (
    others: Resource[],
    labels: Record<string, string> = {},
    onNamespace: Record<string, string> = { 'istio.io/use-waypoint': 'waypoint' },
  ) => {
    const namespaces = [{ name: HOME, labels: onNamespace, labelsKnown: true, annotations: {} }];
    return waypointOf({ namespaces, others }, { namespace: HOME, labels }, 'cluster.local');
  };

  test('is the Gateway that its namespace names, and runs as its name', () => {
    expect(ask([gateway(isWaypoint)])).toEqual({
      namespace: HOME,
      name: 'waypoint',
      identity: { trustDomain: 'cluster.local', namespace: HOME, account: 'waypoint' },
      labels: { 'gateway.networking.k8s.io/gateway-name': 'waypoint' },
    });
  });

  test('is none without that Gateway, or with one of another class or for workloads', () => {
    expect(ask([])).toBeUndefined();
    expect(ask([gateway(isWaypoint)], {}, {})).toBeUndefined();
    expect(ask([gateway({ gatewayClassName: 'istio' })])).toBeUndefined();
    const labels = { 'istio.io/waypoint-for': 'workload' };
    expect(ask([gateway(isWaypoint, { labels })])).toBeUndefined();
  });

  test('is the one that the Service names, in the namespace that it names', () => {
    const own = gateway(isWaypoint, { name: 'own' });
    expect(ask([own], { 'istio.io/use-waypoint': 'own' })?.name).toBe('own');
    expect(ask([gateway(isWaypoint)], { 'istio.io/use-waypoint': 'none' })).toBeUndefined();
    const shared = gateway(isWaypoint, { namespace: 'mesh' });
    const elsewhere = {
      'istio.io/use-waypoint': 'waypoint',
      'istio.io/use-waypoint-namespace': 'mesh',
    };
    expect(ask([shared], elsewhere)?.identity.namespace).toBe('mesh');
  });
});
