/**
 * Does the naive evaluator decide whom a policy isolates, and which peers it admits, as the API says
 * where Kubernetes' own end-to-end tests are silent? They have no absent key under NotIn, no default
 * policyTypes, no null, no hostNetwork, no address outside: a wrong reading would pass there.
 * Titles are facts of kubernetes/api 1ff8524 networking/v1/types.go, or of the header of
 * network-policy.ts where the API leaves them open.
 */

import { allowed, egressAllowed, ingressAllowed, isolated } from './network-policy';
import {
  bert,
  egressTo,
  huggingface,
  ingressFrom,
  laptop,
  metadata,
  mlflow,
  modelApi,
  policy,
  prometheus,
  triton,
  worldWith,
} from './platform';
import { podOf, type Pod, type World } from './world';

describe('isolation', () => {
  const denyIngress = policy(modelApi, { podSelector: {}, policyTypes: ['Ingress'] });
  const denyEgress = policy(bert, { podSelector: {}, policyTypes: ['Egress'] });

  test('nobody is isolated without policies', () => {
    expect(isolated(worldWith(), modelApi, 'Ingress')).toBe(false);
    expect(allowed(worldWith(), bert, modelApi, 'TCP', 8080)).toBe(true);
  });

  test('isolates only the direction that policyTypes lists', () => {
    const world = worldWith(denyIngress);
    expect(isolated(world, modelApi, 'Ingress')).toBe(true);
    expect(isolated(world, modelApi, 'Egress')).toBe(false);
    expect(allowed(world, bert, modelApi, 'TCP', 8080)).toBe(false);
    expect(allowed(world, modelApi, bert, 'TCP', 29500)).toBe(true);
  });

  test('isolates only the selected pods of the namespace of the policy', () => {
    const { metadata, spec } = denyIngress;
    const world = worldWith({
      metadata,
      spec: { ...spec, podSelector: { matchLabels: { app: 'model-api' } } },
    });
    expect(isolated(world, modelApi, 'Ingress')).toBe(true);
    expect(isolated(world, triton, 'Ingress')).toBe(false);
    expect(isolated(world, { ...modelApi, namespace: 'mlflow' }, 'Ingress')).toBe(false);
  });

  test('selects all pods where podSelector is null or absent', () => {
    for (const spec of [{ podSelector: null }, {}]) {
      expect(isolated(worldWith(policy(modelApi, spec)), modelApi, 'Ingress')).toBe(true);
    }
  });

  test('puts a policy without namespace into default', () => {
    const world = worldWith({ metadata: { name: 'deny' }, spec: {} });
    expect(isolated(world, { ...modelApi, namespace: 'default' }, 'Ingress')).toBe(true);
  });

  test('needs the consent of both ends', () => {
    const admitIngress = policy(modelApi, { policyTypes: ['Ingress'], ingress: [{}] });
    expect(allowed(worldWith(denyEgress, admitIngress), bert, modelApi, 'TCP', 8080)).toBe(false);
    expect(egressAllowed(worldWith(denyEgress), bert, modelApi, 'TCP', 8080)).toBe(false);
    expect(ingressAllowed(worldWith(denyEgress), bert, modelApi, 'TCP', 8080)).toBe(true);
    expect(egressAllowed(worldWith(denyIngress), bert, modelApi, 'TCP', 8080)).toBe(true);
    expect(ingressAllowed(worldWith(denyIngress), bert, modelApi, 'TCP', 8080)).toBe(false);
  });

  test('adds policies up, so that none takes away what another admits', () => {
    const admits = policy(modelApi, { ingress: [{ from: [{ namespaceSelector: {} }] }] });
    expect(allowed(worldWith(denyIngress, admits), bert, modelApi, 'TCP', 8080)).toBe(true);
    expect(allowed(worldWith(admits, denyIngress), bert, modelApi, 'TCP', 8080)).toBe(true);
  });

  test('asks nothing of an address: only the policies of the pod count', () => {
    expect(allowed(worldWith(denyIngress), modelApi, huggingface, 'TCP', 443)).toBe(true);
    expect(allowed(worldWith(denyEgress), bert, huggingface, 'TCP', 443)).toBe(false);
    expect(allowed(worldWith(denyIngress), huggingface, modelApi, 'TCP', 8080)).toBe(false);
    expect(allowed(worldWith(denyIngress), huggingface, metadata, 'TCP', 80)).toBe(true);
  });

  test('lets a pod reach itself, but not another pod with its labels or with its name', () => {
    const world = worldWith(policy(bert, { policyTypes: ['Ingress', 'Egress'] }));
    expect(allowed(world, bert, { ...bert }, 'TCP', 29500)).toBe(true);
    expect(allowed(world, bert, { ...bert, name: 'bert-1' }, 'TCP', 29500)).toBe(false);
    expect(allowed(world, bert, { ...bert, namespace: 'mlflow' }, 'TCP', 29500)).toBe(false);
  });

  test('lets the own node reach a pod, but no other node, and not the pod its node', () => {
    const world = worldWith(policy(bert, { policyTypes: ['Ingress', 'Egress'] }));
    const placed = { ...bert, hostIP: '192.0.2.10' };
    const nodeExporter: Pod = { ...prometheus, ip: '192.0.2.10', hostNetwork: true };
    expect(allowed(world, { ip: '192.0.2.10' }, placed, 'TCP', 29500)).toBe(true);
    expect(allowed(world, nodeExporter, placed, 'TCP', 29500)).toBe(true);
    expect(allowed(world, { ip: '192.0.2.11' }, placed, 'TCP', 29500)).toBe(false);
    expect(allowed(world, placed, { ip: '192.0.2.10' }, 'TCP', 10250)).toBe(false);
  });
});

describe('policyTypes', () => {
  test('defaults to Ingress where absent, null or empty', () => {
    for (const policyTypes of [undefined, null, []]) {
      const world = worldWith(policy(bert, { policyTypes }));
      expect(isolated(world, bert, 'Ingress')).toBe(true);
      expect(isolated(world, bert, 'Egress')).toBe(false);
    }
  });

  test('defaults to Ingress and Egress where there are egress rules', () => {
    const world = worldWith(policy(bert, { egress: [{ to: [{ podSelector: {} }] }] }));
    expect(isolated(world, bert, 'Ingress')).toBe(true);
    expect(isolated(world, bert, 'Egress')).toBe(true);
    expect(allowed(world, bert, mlflow, 'TCP', 5000)).toBe(false);
  });

  test('egress: [] without policyTypes does not isolate egress', () => {
    const world = worldWith(policy(bert, { egress: [] }));
    expect(isolated(world, bert, 'Egress')).toBe(false);
    expect(allowed(world, bert, mlflow, 'TCP', 5000)).toBe(true);
  });

  test('rules of a direction that is not listed are dead', () => {
    const onlyEgress = policy(modelApi, { policyTypes: ['Egress'], ingress: [] });
    expect(allowed(worldWith(onlyEgress), bert, modelApi, 'TCP', 8080)).toBe(true);
    const admitsAll = policy(modelApi, { policyTypes: ['Egress'], ingress: [{}] });
    const deny = policy(modelApi, { policyTypes: ['Ingress'] });
    expect(allowed(worldWith(admitsAll, deny), bert, modelApi, 'TCP', 8080)).toBe(false);
    const onlyIngress = policy(bert, { policyTypes: ['Ingress'], egress: [{ to: [] }] });
    expect(isolated(worldWith(onlyIngress), bert, 'Egress')).toBe(false);
  });
});

describe('nil and empty', () => {
  test('ingress: [], null or absent admits nobody', () => {
    for (const ingress of [[], null, undefined]) {
      const world = worldWith(policy(modelApi, { policyTypes: ['Ingress'], ingress }));
      expect(allowed(world, bert, modelApi, 'TCP', 8080)).toBe(false);
      expect(allowed(world, huggingface, modelApi, 'TCP', 8080)).toBe(false);
    }
  });

  test('ingress: [{}] admits everybody on every port', () => {
    const world = worldWith(policy(modelApi, { policyTypes: ['Ingress'], ingress: [{}] }));
    expect(allowed(world, bert, modelApi, 'TCP', 8080)).toBe(true);
    expect(allowed(world, huggingface, modelApi, 'SCTP', 1)).toBe(true);
  });

  test('from: [{}] is refused by the API server and admits nobody', () => {
    for (const peer of [{}, { podSelector: null, namespaceSelector: null, ipBlock: null }]) {
      expect(allowed(ingressFrom([peer]), bert, modelApi, 'TCP', 8080)).toBe(false);
      expect(allowed(ingressFrom([peer]), triton, modelApi, 'TCP', 8080)).toBe(false);
      expect(allowed(ingressFrom([peer]), huggingface, modelApi, 'TCP', 8080)).toBe(false);
    }
  });

  test('a peer with ipBlock and selector is refused by the API server and admits nobody', () => {
    const world = ingressFrom([{ podSelector: {}, ipBlock: { cidr: '0.0.0.0/0' } }]);
    expect(allowed(world, triton, modelApi, 'TCP', 8080)).toBe(false);
    expect(allowed(world, huggingface, modelApi, 'TCP', 8080)).toBe(false);
  });

  test('from absent, null or empty is every peer, addresses and nodes included', () => {
    for (const from of [undefined, null, []]) {
      const world = worldWith(policy(modelApi, { ingress: [{ from, ports: [{ port: 8080 }] }] }));
      for (const peer of [bert, triton, huggingface, laptop, { ip: '192.0.2.10' }]) {
        expect(allowed(world, peer, modelApi, 'TCP', 8080)).toBe(true);
        expect(allowed(world, peer, modelApi, 'TCP', 8081)).toBe(false);
      }
    }
  });

  test('to: [] is every peer, pods and the metadata address included', () => {
    for (const peer of [mlflow, huggingface, laptop, metadata]) {
      expect(allowed(egressTo([], [{ port: 443 }]), bert, peer, 'TCP', 443)).toBe(true);
      expect(allowed(egressTo([], [{ port: 443 }]), bert, peer, 'TCP', 80)).toBe(false);
    }
  });

  test('ports: [], null or absent opens every port of every protocol', () => {
    for (const ports of [[], null, undefined]) {
      const world = ingressFrom([{ namespaceSelector: {} }], ports);
      expect(allowed(world, bert, modelApi, 'TCP', 1)).toBe(true);
      expect(allowed(world, bert, modelApi, 'UDP', 65535)).toBe(true);
      expect(allowed(world, huggingface, modelApi, 'TCP', 8080)).toBe(false);
    }
  });
});

describe('selectors', () => {
  const notNlp = { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['nlp'] }] };

  test('NotIn matches an absent key: as subject, as peer pod and as peer namespace', () => {
    const world = worldWith(policy(mlflow, { podSelector: notNlp }));
    expect(isolated(world, mlflow, 'Ingress')).toBe(true);
    expect(isolated(world, { ...mlflow, labels: { team: 'nlp' } }, 'Ingress')).toBe(false);
    expect(isolated(world, { ...mlflow, labels: null }, 'Ingress')).toBe(true);

    const pods = ingressFrom([{ namespaceSelector: {}, podSelector: notNlp }]);
    expect(allowed(pods, mlflow, modelApi, 'TCP', 8080)).toBe(true);
    expect(allowed(pods, bert, modelApi, 'TCP', 8080)).toBe(false);

    const namespaces = ingressFrom([{ namespaceSelector: notNlp }]);
    expect(allowed(namespaces, mlflow, modelApi, 'TCP', 8080)).toBe(true);
    expect(allowed(namespaces, { namespace: 'argo', name: 'flow' }, modelApi, 'TCP', 8080)).toBe(
      true,
    );
    expect(allowed(namespaces, bert, modelApi, 'TCP', 8080)).toBe(false);
  });
});

describe('peers', () => {
  test('podSelector alone means pods of the namespace of the policy', () => {
    const world = ingressFrom([{ podSelector: {} }]);
    expect(allowed(world, triton, modelApi, 'TCP', 8080)).toBe(true);
    expect(allowed(world, bert, modelApi, 'TCP', 8080)).toBe(false);
    expect(allowed(world, huggingface, modelApi, 'TCP', 8080)).toBe(false);
  });

  test('namespaceSelector: {} means pods of all namespaces, but no addresses', () => {
    const world = ingressFrom([{ namespaceSelector: {} }]);
    expect(allowed(world, triton, modelApi, 'TCP', 8080)).toBe(true);
    expect(allowed(world, bert, modelApi, 'TCP', 8080)).toBe(true);
    expect(allowed(world, huggingface, modelApi, 'TCP', 8080)).toBe(false);
  });

  test('podSelector: null next to a namespaceSelector is podSelector absent, and the reverse', () => {
    const training = { matchLabels: { tier: 'training' } };
    const everyPod = ingressFrom([{ namespaceSelector: training, podSelector: null }]);
    expect(allowed(everyPod, bert, modelApi, 'TCP', 8080)).toBe(true);
    const ownNamespace = ingressFrom([{ namespaceSelector: null, podSelector: {} }]);
    expect(allowed(ownNamespace, bert, modelApi, 'TCP', 8080)).toBe(false);
    expect(allowed(ownNamespace, triton, modelApi, 'TCP', 8080)).toBe(true);
  });

  test('two selectors in one peer are AND, in two peers OR', () => {
    const namespaceSelector = { matchLabels: { tier: 'training' } };
    const podSelector = { matchLabels: { app: 'triton' } };
    const and = ingressFrom([{ namespaceSelector, podSelector }]);
    const or = ingressFrom([{ namespaceSelector }, { podSelector }]);
    const tritonInTraining = { ...triton, namespace: 'ml-training' };
    const ask = (world: World): boolean[] =>
      [bert, triton, tritonInTraining].map((it) => allowed(world, it, modelApi, 'TCP', 8080));
    expect(ask(and)).toEqual([false, false, true]);
    expect(ask(or)).toEqual([true, true, true]);
  });

  test('every namespace carries kubernetes.io/metadata.name, known to the world or not', () => {
    const key = 'kubernetes.io/metadata.name';
    const named = (name: string): World =>
      ingressFrom([{ namespaceSelector: { matchLabels: { [key]: name } } }]);
    expect(allowed(named('mlflow'), mlflow, modelApi, 'TCP', 8080)).toBe(true);
    expect(allowed(named('observability'), prometheus, modelApi, 'TCP', 8080)).toBe(true);
    expect(allowed(named('mlflow'), prometheus, modelApi, 'TCP', 8080)).toBe(false);
    const argo: Pod = { namespace: 'argo', name: 'workflow' };
    expect(allowed(named('argo'), argo, modelApi, 'TCP', 8080)).toBe(true);
    const forged = { ...named('mlflow'), namespaces: { argo: { labels: { [key]: 'mlflow' } } } };
    expect(allowed(forged, argo, modelApi, 'TCP', 8080)).toBe(false);
  });

  test('a label name: on a namespace is not implied', () => {
    const world = egressTo([{ namespaceSelector: { matchLabels: { name: 'kube-system' } } }]);
    const kubeDns: Pod = { namespace: 'kube-system', name: 'kube-dns' };
    expect(allowed(world, bert, kubeDns, 'UDP', 53)).toBe(false);
    const labelled = {
      ...world,
      namespaces: { 'kube-system': { labels: { name: 'kube-system' } } },
    };
    expect(allowed(labelled, bert, kubeDns, 'UDP', 53)).toBe(true);
  });
});

describe('hostNetwork', () => {
  const nodeExporter: Pod = {
    namespace: 'llm-serving',
    name: 'node-exporter',
    labels: { app: 'node-exporter' },
    ip: '192.0.2.10',
    hostNetwork: true,
  };

  test('as source and as target the pod is not isolated', () => {
    const world = worldWith(policy(nodeExporter, { policyTypes: ['Ingress', 'Egress'] }));
    expect(isolated(world, nodeExporter, 'Ingress')).toBe(false);
    expect(isolated(world, nodeExporter, 'Egress')).toBe(false);
    expect(allowed(world, bert, nodeExporter, 'TCP', 9100)).toBe(true);
    expect(allowed(world, nodeExporter, mlflow, 'TCP', 5000)).toBe(true);
  });

  test('as peer the pod is matched by no selector', () => {
    for (const peer of [{ podSelector: {} }, { namespaceSelector: {} }]) {
      expect(allowed(ingressFrom([peer]), nodeExporter, modelApi, 'TCP', 8080)).toBe(false);
    }
    expect(allowed(egressTo([{ namespaceSelector: {} }]), bert, nodeExporter, 'TCP', 1)).toBe(
      false,
    );
  });

  test('as peer the pod is matched by the address of its node, and by a rule for everybody', () => {
    const world = ingressFrom([{ ipBlock: { cidr: '192.0.2.0/24' } }]);
    expect(allowed(world, nodeExporter, modelApi, 'TCP', 8080)).toBe(true);
    expect(allowed(ingressFrom(null), nodeExporter, modelApi, 'TCP', 8080)).toBe(true);
  });
});

describe('podOf', () => {
  test('finds a pod by namespace/name', () => {
    expect(podOf(worldWith(), 'ml-training/bert')).toBe(bert);
  });

  test('fails where the world has no such pod', () => {
    expect(() => podOf(worldWith(), 'ml-training/gpt')).toThrow('no pod ml-training/gpt');
  });
});
