import { App, Chart } from 'cdk8s';
import type { FlowData, NamespaceData, WorkloadData } from '../../src/traffic/data';
import { describeFlow, flowKey } from '../../src/traffic/data';
import {
  addFlow,
  addIsolation,
  addNamespace,
  addWorkload,
  emptyModel,
  flowNamespaces,
  flowsTouching,
  isIsolated,
  isolationsIn,
  workloadsIn,
} from '../../src/traffic/model';
import { sharedSlot } from '../../src/traffic/shared-root';
import type { PeerData } from '../../src/values/peer';
import { PortPurpose, Protocol } from '../../src/values/port';
import { EVERYTHING } from '../../src/values/selector';

const api: PeerData = { kind: 'workload', namespace: 'llm-serving', name: 'model-api' };
const jobs: PeerData = {
  kind: 'pods',
  namespaces: { kind: 'names', names: ['ml-jobs'] },
  pods: EVERYTHING,
};
const teams: PeerData = {
  kind: 'pods',
  namespaces: { kind: 'labels', selector: { matchLabels: { team: 'nlp' }, matchExpressions: [] } },
  pods: EVERYTHING,
};

function flow(over: Partial<FlowData> = {}): FlowData {
  return {
    from: jobs,
    to: api,
    fromName: 'ml-jobs',
    toName: 'llm-serving/model-api',
    http: [],
    origin: 'declared',
    reasons: [{ reason: 'scoring', by: 'serving/model-api' }],
    narrows: false,
    withoutMesh: false,
    withoutFqdn: false,
    ...over,
  };
}

function workload(over: Partial<WorkloadData> = {}): WorkloadData {
  const labels = { app: 'model-api' };
  return {
    namespace: 'llm-serving',
    name: 'model-api',
    labels,
    podLabels: labels,
    ports: [],
    services: [],
    by: 'serving/model-api',
    ...over,
  };
}

function namespace(over: Partial<NamespaceData>): NamespaceData {
  return {
    name: 'llm-serving',
    ownership: 'ours',
    labels: {},
    policySuffix: '',
    by: 'serving',
    ...over,
  };
}

describe('flows', () => {
  it('are merged when they say the same, and keep all reasons, sorted and each once', () => {
    const model = emptyModel();
    const [b, a] = ['serving/b', 'serving/a'].map((by) => ({ reason: 'scoring', by }));
    for (const reason of [b!, a!, b!]) addFlow(model, flow({ reasons: [reason] }));
    expect([...model.flows.values()].map(({ reasons }) => reasons)).toEqual([[b, a].reverse()]);
  });

  it('have the same names in every order, by whichever name an end was called', () => {
    const [named, constructed] = [flow({ fromName: 'namespace ml-jobs' }), flow()];
    for (const order of [
      [named, constructed],
      [constructed, named],
    ]) {
      const model = emptyModel();
      for (const one of order) addFlow(model, one);
      expect([...model.flows.values()].map(describeFlow)).toEqual([
        'ml-jobs -> llm-serving/model-api',
      ]);
    }
  });

  const port = { protocol: Protocol.TCP, port: 80, purpose: PortPurpose.SERVICE };
  it.each([
    { from: teams },
    { to: jobs },
    { ports: [port] },
    { http: [{ methods: ['GET'], paths: [], hosts: [] }] },
    { origin: 'baseline' as const },
    { withoutMesh: true },
    { withoutFqdn: true },
  ])('stay apart when they differ in what they allow: %j', (over) => {
    expect(flowKey(flow(over))).not.toBe(flowKey(flow()));
    const model = emptyModel();
    addFlow(model, flow());
    addFlow(model, flow(over));
    expect(model.flows.size).toBe(2);
  });

  it('are found by the namespaces of their ends, and everywhere where an end may be anywhere', () => {
    const model = emptyModel();
    const [closed, open] = [flow(), flow({ from: teams })];
    for (const one of [closed, open]) addFlow(model, one);
    expect(flowsTouching(model, 'llm-serving', 'ingress')).toEqual([closed, open]);
    expect(flowsTouching(model, 'ml-jobs', 'egress')).toEqual([closed, open]);
    expect(flowsTouching(model, 'reporting', 'egress')).toEqual([open]);
    expect(flowsTouching(model, 'reporting', 'ingress')).toEqual([]);
  });

  it.each<[PeerData, readonly string[] | 'anywhere']>([
    [api, ['llm-serving']],
    [jobs, ['ml-jobs']],
    [teams, 'anywhere'],
    [{ kind: 'any' }, 'anywhere'],
    [{ kind: 'internet' }, []],
    [{ kind: 'cidr', block: { cidr: '10.0.0.0/8', except: [] } }, []],
    [{ kind: 'fqdn', names: ['hf.co'] }, []],
    [{ kind: 'nodes' }, []],
    [{ kind: 'dns' }, []],
    [{ kind: 'kube-apiserver' }, []],
    [
      { kind: 'identity', identity: { kind: 'service-account', namespace: 'ml-jobs', name: 'a' } },
      ['ml-jobs'],
    ],
    [{ kind: 'identity', identity: { kind: 'jwt', issuer: 'i', subject: 's' } }, 'anywhere'],
  ])('end in the namespaces that their peer names: %j', (to, expected) => {
    expect(flowNamespaces(flow({ to }), 'ingress')).toEqual(expected);
  });
});

describe('namespaces', () => {
  it('belong to whoever owns them, in every order, and else to the first reference by path', () => {
    const owner = namespace({ ownership: 'existing', by: 'z' });
    const [a, b] = ['a', 'b'].map((by) => namespace({ ownership: 'foreign', by }));
    for (const [order, by] of [
      [[owner, a, b], 'z'],
      [[b, owner, a], 'z'],
      [[a, b], 'a'],
      [[b, a], 'a'],
    ] as const) {
      const model = emptyModel();
      for (const one of order) addNamespace(model, one!);
      expect([...model.namespaces.values()].map((one) => one.by)).toEqual([by]);
      expect(model.conflicts).toEqual([]);
    }
  });

  it('conflict when two own them, and the first one stays', () => {
    const model = emptyModel();
    addNamespace(model, namespace({}));
    addNamespace(model, namespace({ ownership: 'existing', by: 'team' }));
    expect(model.namespaces.get('llm-serving')?.by).toBe('serving');
    expect(model.conflicts).toEqual([
      { code: 'namespace-twice', what: 'llm-serving', paths: ['serving', 'team'] },
    ]);
  });
});

describe('workloads and isolation', () => {
  it('are told by namespace, isolation by known labels, one direction at a time', () => {
    const model = emptyModel();
    const gpu = workload({ podLabels: { app: 'model-api', tier: 'gpu' } });
    addWorkload(model, gpu);
    const pods = { matchLabels: { tier: 'gpu' }, matchExpressions: [] };
    addIsolation(model, {
      namespace: 'llm-serving',
      pods,
      directions: ['ingress'],
      denied: true,
      by: 'deny',
    });
    expect(isIsolated(model, gpu, 'ingress')).toBe(true);
    expect(isIsolated(model, gpu, 'egress')).toBe(false);
    expect(isIsolated(model, workload(), 'ingress')).toBe(false);
    expect(isIsolated(model, { ...gpu, namespace: 'ml-jobs' }, 'ingress')).toBe(false);
    expect(workloadsIn(model, 'llm-serving')).toEqual([gpu]);
    expect(workloadsIn(model, 'ml-jobs')).toEqual([]);
  });

  it('are known once: the same isolation again changes nothing', () => {
    const model = emptyModel();
    const isolation = {
      namespace: 'llm-serving',
      pods: EVERYTHING,
      directions: ['egress'],
      denied: true,
      by: 'deny',
    } as const;
    addIsolation(model, isolation);
    const { revision } = model;
    addIsolation(model, { ...isolation });
    expect(model.revision).toBe(revision);
    expect(isolationsIn(model, 'llm-serving')).toHaveLength(1);
  });

  it('conflict when two workloads have one name', () => {
    const model = emptyModel();
    addWorkload(model, workload());
    addWorkload(model, workload({ by: 'team' }));
    expect(model.conflicts).toEqual([
      {
        code: 'workload-twice',
        what: 'llm-serving/model-api',
        paths: ['serving/model-api', 'team'],
      },
    ]);
  });
});

it('every change raises the revision, by which plans are remembered', () => {
  const model = emptyModel();
  const revisions = [
    () => addNamespace(model, namespace({})),
    () => addWorkload(model, workload()),
    () => addFlow(model, flow()),
    () => addFlow(model, flow({ reasons: [{ reason: 'more', by: 'b' }] })),
    () =>
      addIsolation(model, {
        namespace: 'llm-serving',
        pods: EVERYTHING,
        directions: ['egress'],
        denied: true,
        by: 'deny',
      }),
  ].map((change) => {
    change();
    return model.revision;
  });
  expect(new Set([0, ...revisions]).size).toBe(6);
});

it('a slot of shared state is made once for a tree, and not seen by another tree', () => {
  const [app, other] = [new App(), new App()];
  const chart = new Chart(app, 'serving');
  const slot = sharedSlot(chart, 'notes', () => ['first']);
  expect(sharedSlot(app, 'notes', () => ['second'])).toBe(slot);
  expect(sharedSlot(other, 'notes', () => ['third']).value).toEqual(['third']);
});
