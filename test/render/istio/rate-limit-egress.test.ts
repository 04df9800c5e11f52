/**
 * Does the proxy of a workload that leaves the cluster still find its rate-limit service? A Sidecar
 * with REGISTRY_ONLY knows nothing but what it imports: without the service's host there is no
 * cluster to ask, and each request waits for nobody.
 */
import type { Chart } from 'cdk8s';
import type { IMlNamespace } from '../../../src';
import {
  ExternalEgress,
  MlNamespace,
  ModuleEgress,
  Peer,
  Port,
  UserKey,
  UserRateLimit,
  WhenUnavailable,
  Workload,
} from '../../../src';
import { knowsService, letsOut } from '../../naive/istio-egress';
import { egressAllowed } from '../../naive/network-policy';
import type { NetworkPolicy, Pod } from '../../naive/world';
import type { Written } from './egress-world';
import { isolated, namesOf, tls, why, written } from './egress-world';

const API = { namespace: 'ml-serving', labels: { app: 'model-api' } };

function counted(chart: Chart, home: IMlNamespace): void {
  const namespace = isolated(chart, 'ml-serving');
  const api = new Workload(chart, 'model-api', {
    namespace,
    labels: { app: 'model-api' },
    serviceAccount: 'model-api',
    ports: [Port.http(8080)],
    services: [{ name: 'model-api', ports: [{ port: 80, targetPort: 8080 }] }],
  });
  const service = new Workload(chart, 'ratelimit', {
    namespace: home,
    labels: { app: 'ratelimit' },
    serviceAccount: 'ratelimit',
    ports: [Port.grpc(8081)],
    services: [{ name: 'counts', ports: [{ port: 8081 }] }],
  });
  new UserRateLimit(chart, 'users', {
    workload: api,
    service,
    user: UserKey.header('x-user'),
    whenUnavailable: WhenUnavailable.ALLOW,
  });
  new ExternalEgress(chart, 'models', { from: api, to: [Peer.fqdn('huggingface.co')], ...why });
}

function asks({ manifests }: Written, namespace: string): readonly [boolean, boolean] {
  const pod: Pod = { ...API, name: 'api', ip: '10.244.1.1' };
  const service: Pod = { namespace, labels: { app: 'ratelimit' }, name: 'rl', ip: '10.244.2.2' };
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
  const world = {
    namespaces: { 'ml-serving': {}, [namespace]: {} },
    pods: [pod, service],
    policies: policies as unknown as NetworkPolicy[],
  };
  return [
    knowsService(manifests, API, [namespace, `counts.${namespace}.svc.cluster.local`]),
    egressAllowed(world, pod, service, 'TCP', 8081),
  ];
}

describe('the proxy of a workload whose users are limited finds who counts them', () => {
  it.each<[string, string, (chart: Chart) => IMlNamespace]>([
    ['the root namespace', 'istio-system', (c) => MlNamespace.fromName(c, 'rl', 'istio-system')],
    ['a namespace of others', 'limits', (c) => MlNamespace.fromName(c, 'rl', 'limits')],
    ['a namespace of ours', 'limits', (c) => isolated(c, 'limits')],
  ])('in %s', (_, namespace, home) => {
    const result = written((chart) => counted(chart, home(chart)));
    expect(result.texts).toEqual([]);
    expect(namesOf(result.manifests, 'Sidecar')).toEqual(['ml-serving/model-api-egress']);
    expect(asks(result, namespace)).toEqual([true, true]);
    expect(letsOut(result.manifests, API, tls('evil.example'))).toBe('blocked');
  });

  it('where the profile comes last', () => {
    const result = written((chart) => counted(chart, isolated(chart, 'limits')), {
      profileLast: true,
    });
    expect(asks(result, 'limits')).toEqual([true, true]);
  });

  it('where all pods of its namespace leave the cluster alike', () => {
    const result = written((chart) => {
      counted(chart, MlNamespace.fromName(chart, 'rl', 'limits'));
      new ModuleEgress(chart, 'all', {
        from: Peer.namespace('ml-serving'),
        to: [Peer.fqdn('huggingface.co')],
        ...why,
      });
    });
    expect(result.texts).toEqual([]);
    expect(asks(result, 'limits')).toEqual([true, true]);
  });
});
