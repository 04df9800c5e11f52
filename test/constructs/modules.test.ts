import { ClusterProfile } from '../../src/cluster/profile';
import { ExternalEgress } from '../../src/constructs/external-egress';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { ModuleEgress } from '../../src/constructs/module-egress';
import { ModuleIngress } from '../../src/constructs/module-ingress';
import { Workload } from '../../src/constructs/workload';
import { Peer } from '../../src/traffic/peer';
import { Port } from '../../src/values/port';
import { chartOf, names, policy, problemsOf, refusal } from '../support/synth';

function serving(profile?: ClusterProfile) {
  const chart = chartOf(profile);
  const namespace = new MlNamespace(chart, 'llm-serving');
  const api = new Workload(chart, 'model-api', {
    namespace,
    labels: { app: 'model-api' },
    ports: [Port.http(8080)],
  });
  return { chart, namespace, api };
}

describe('ModuleIngress', () => {
  test('isolates its target and nobody else, and lets its callers in', () => {
    const { chart, api } = serving();
    new ModuleIngress(chart, 'in', { to: api, from: [Peer.namespace('ml-jobs')] });
    expect(names(chart)).toEqual(['Namespace/llm-serving', 'NetworkPolicy/model-api-ingress']);
    expect(policy(chart, 'model-api-ingress').spec).toMatchObject({
      podSelector: { matchLabels: { app: 'model-api' } },
      policyTypes: ['Ingress'],
    });
  });

  test('speaks for a whole namespace', () => {
    const { chart, namespace } = serving();
    new ModuleIngress(chart, 'in', {
      to: namespace,
      from: [Peer.namespaces({ team: 'nlp' })],
      ports: [Port.http(8080)],
    });
    expect(policy(chart, 'all-pods-ingress').spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { team: 'nlp' } } }],
          ports: [{ port: 8080, protocol: 'TCP' }],
        },
      ],
    });
  });

  test('fails without callers, and for a target that is no pod', () => {
    const { chart, api } = serving();
    expect(refusal(() => new ModuleIngress(chart, 'a', { to: api, from: [] }))).toMatchObject({
      code: 'empty-list',
    });
    const to = Peer.internet();
    expect(refusal(() => new ModuleIngress(chart, 'b', { to, from: [api] }))).toMatchObject({
      code: 'target-not-pods',
      got: 'internet',
    });
  });
});

describe('ModuleEgress', () => {
  test('isolates its source for egress and brings DNS inside its own policy', () => {
    const { chart, api } = serving();
    new ModuleEgress(chart, 'out', {
      from: api,
      to: [Peer.namespace('feature-store')],
      ports: [Port.grpc(6566)],
    });
    expect(names(chart)).toEqual(['Namespace/llm-serving', 'NetworkPolicy/model-api-egress']);
    const rules = policy(chart, 'model-api-egress').spec?.['egress'] as { ports: object[] }[];
    expect(rules.flatMap(({ ports }) => ports)).toEqual(
      expect.arrayContaining([
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
        { port: 6566, protocol: 'TCP' },
      ]),
    );
  });
});

describe('ExternalEgress', () => {
  test('opens the public internet without private, metadata and the cluster’s own addresses', () => {
    const { chart, api } = serving(
      ClusterProfile.kubeadm({ podRanges: ['192.0.2.0/24'], nodeRanges: ['198.51.100.0/24'] }),
    );
    new ExternalEgress(chart, 'out', {
      from: api,
      to: [Peer.internet()],
      ports: [Port.https(443)],
      reason: 'model downloads',
    });
    const text = JSON.stringify(policy(chart, 'model-api-egress').spec);
    for (const cidr of ['192.0.2.0/24', '198.51.100.0/24', '10.0.0.0/8', '169.254.0.0/16']) {
      expect(text).toContain(`"${cidr}"`);
    }
  });

  test('fails for host names that nothing enforces, and takes a waiver with a reason', () => {
    const { chart, api } = serving();
    const hub = { from: api, to: [Peer.fqdn('huggingface.co')] };
    new ExternalEgress(chart, 'out', { ...hub, reason: 'model downloads' });
    expect(problemsOf(chart).join()).toContain(
      'got ["huggingface.co"], expected names that profile',
    );
    const waived = serving();
    new ExternalEgress(waived.chart, 'out', {
      from: waived.api,
      to: [Peer.fqdn('huggingface.co')],
      reason: 'model downloads',
      withoutFqdn: 'internet',
    });
    const { metadata, spec } = policy(waived.chart, 'model-api-egress');
    expect(metadata.annotations?.['cdk8s-ml-netpol/waivers']).toBe(
      'names are not enforced: huggingface.co is opened as public internet: model downloads',
    );
    expect(JSON.stringify(spec)).toContain('{"port":443,"protocol":"TCP"}');
  });

  test('fails for a block that holds a metadata address', () => {
    const { chart, api } = serving();
    new ExternalEgress(chart, 'out', {
      from: api,
      to: [Peer.cidr('169.254.0.0/16')],
      ports: [Port.tcp(80)],
      reason: 'link-local services',
    });
    expect(problemsOf(chart).join()).toContain(
      'a block without the metadata address 169.254.169.254/32',
    );
  });

  test('fails for a peer inside the cluster', () => {
    const { chart, api } = serving();
    const to = [Peer.namespace('mlflow')];
    expect(refusal(() => new ExternalEgress(chart, 'out', { from: api, to }))).toMatchObject({
      code: 'peer-not-external',
      got: 'namespace mlflow',
    });
  });
});
