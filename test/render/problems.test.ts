/** Which contradictions does the model know, with which code, place, value and way out? A row each. */

import type { Chart } from 'cdk8s';
import { Mesh } from '../../src/cluster/mesh';
import { ClusterProfile } from '../../src/cluster/profile';
import { DefaultDeny } from '../../src/constructs/default-deny';
import { Isolation } from '../../src/constructs/isolation';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { treeOf } from '../../src/constructs/tree';
import { Workload } from '../../src/constructs/workload';
import type { WorkloadProps } from '../../src/constructs/workload';
import { modelProblems } from '../../src/render/problems';
import { Peer } from '../../src/traffic/peer';
import { Http } from '../../src/values/http';
import { Identity } from '../../src/values/identity';
import { Port, PortPurpose } from '../../src/values/port';
import type { Problem } from '../../src/values/problem';
import { formatProblem } from '../../src/values/problem';
import { chartOf } from '../support/synth';

const TODAY = '2026-11-21';

function problemsOf(chart: Chart): Problem[] {
  const profile = ClusterProfile.of(chart)._data;
  return modelProblems({ model: treeOf(chart).model, profile }, TODAY);
}

function modelApi(chart: Chart, props: Partial<WorkloadProps> = {}): Workload {
  const namespace = new MlNamespace(chart, 'llm-serving');
  return new Workload(chart, 'model-api', { namespace, labels: { app: 'model-api' }, ...props });
}

function provide(chart: Chart, mesh: Mesh): void {
  ClusterProfile.provide(chart, ClusterProfile.kubeadm({ mesh }));
}

const HTTP = { ports: [Port.http(8080)] };
const JOBS = Peer.namespace('ml-jobs');

type Row = readonly [what: string, declare: (chart: Chart) => void, problem: Partial<Problem>];

const PORTS: Row[] = [
  [
    'a flow to a workload without service ports, and none given',
    (chart) => {
      const metrics = Port.http(9090, { purpose: PortPurpose.METRICS });
      modelApi(chart, { ports: [metrics] }).allowFrom(JOBS);
    },
    {
      code: 'no-ports',
      where: 'serving/model-api: namespace ml-jobs -> llm-serving/model-api',
      got: undefined,
      expected: 'ports: llm-serving/model-api declares no port of purpose service',
      fix: 'ports: [Port.tcp(443)], or ports: [Port.all()]',
    },
  ],
  ...[
    ['a block', Peer.cidr('203.0.113.0/24'), '203.0.113.0/24'] as const,
    ['the internet', Peer.internet(), 'internet'] as const,
    ['a namespace', JOBS, 'namespace ml-jobs'] as const,
    ['everybody', Peer.any(), 'anybody'] as const,
    ['an identity', Identity.namespace('ml-jobs'), 'any identity of ml-jobs'] as const,
  ].map(([what, peer, name]): Row => [
    `a flow to ${what}, and no ports given`,
    (chart) => modelApi(chart).allowTo(peer, { reason: 'partner' }),
    { code: 'no-ports', expected: `the ports that may be used: ${name} declares none` },
  ]),
  [
    'a port name that the callee does not have',
    (chart) => {
      const api = modelApi(chart, { ports: [Port.http(8080, { name: 'http' })] });
      api.allowFrom(JOBS, { ports: [Port.named('grpc')] });
    },
    {
      code: 'port-name-unknown',
      got: 'TCP grpc',
      expected: 'a port name of llm-serving/model-api: http',
    },
  ],
  [
    'a port name where no port has one',
    (chart) => modelApi(chart, HTTP).allowFrom(JOBS, { ports: [Port.named('grpc')] }),
    { expected: 'a port name of llm-serving/model-api: its ports have no names' },
  ],
  [
    'a port name of addresses',
    (chart) => {
      const options = { ports: [Port.named('https')], reason: 'partner' };
      modelApi(chart).allowTo(Peer.cidr('203.0.113.0/24'), options);
    },
    {
      code: 'port-name-unknown',
      expected: 'a port number: addresses have no named ports',
      fix: 'Port.tcp(8080), or name the port where the workload declares it',
    },
  ],
];

const PROFILE: Row[] = [
  [
    'API server egress under a profile without its addresses',
    (chart) => modelApi(chart).allowTo(Peer.kubeApiserver()),
    {
      code: 'apiserver-unknown',
      where: 'serving/model-api: llm-serving/model-api -> kube-apiserver',
      got: 'generic',
      fix: `ClusterProfile.generic({ apiServer: { addresses: ['10.0.0.10/32'] } })`,
    },
  ],
  [
    'nodes under a profile without their ranges',
    (chart) => modelApi(chart).allowTo(Peer.nodes(), { ports: [Port.tcp(9100)] }),
    {
      code: 'node-ranges-unknown',
      got: 'generic',
      fix: `ClusterProfile.generic({ nodeRanges: ['10.0.0.0/16'] })`,
    },
  ],
  [
    'names that nothing enforces, without a waiver',
    (chart) => modelApi(chart).allowTo(Peer.fqdn('hf.co'), { reason: 'base model' }),
    {
      code: 'fqdn-not-enforced',
      got: ['hf.co'],
      fix: `add withoutFqdn: 'internet' with a reason, or name the addresses with Peer.cidr`,
    },
  ],
  [
    'a block around a metadata address',
    (chart) => {
      const options = { ports: [Port.tcp(443)], reason: 'appliance' };
      modelApi(chart).allowTo(Peer.cidr('169.254.0.0/16'), options);
    },
    {
      code: 'metadata-exposed',
      got: '169.254.0.0/16',
      expected: 'a block without the metadata address 169.254.169.254/32',
      fix: `Peer.internet(), or Peer.cidr('169.254.0.0/16', { except: ['169.254.169.254/32'] })`,
    },
  ],
];

const REASONS: Row[] = [
  ...[
    ['the internet', Peer.internet()] as const,
    ['a block', Peer.cidr('203.0.113.0/24')] as const,
  ].map(([what, peer]): Row => [
    `${what} without a reason`,
    (chart) => modelApi(chart).allowTo(peer, HTTP),
    { code: 'reason-missing', expected: 'a reason, because the flow leaves the cluster' },
  ]),
  [
    'a reason of blanks',
    (chart) => modelApi(chart).allowTo(Peer.internet(), { ...HTTP, reason: ' ' }),
    { code: 'reason-missing' },
  ],
  ...[
    ['all pods', Peer.allPods()] as const,
    ['anybody', Peer.any()] as const,
    ['the internet', Peer.internet()] as const,
  ].map(([what, peer]): Row => [
    `calls of ${what} without a reason`,
    (chart) => modelApi(chart, HTTP).allowFrom(peer),
    { code: 'reason-missing', expected: 'a reason, because the flow names everybody' },
  ]),
  [
    'calls of an API server whose addresses are unknown, without a reason',
    (chart) => modelApi(chart, HTTP).allowFrom(Peer.kubeApiserver()),
    {
      code: 'reason-missing',
      expected:
        'a reason, because the flow opens the port for everybody while the API server’s addresses are unknown',
    },
  ],
  [
    'a flow that expired yesterday',
    (chart) => modelApi(chart, HTTP).allowFrom(JOBS, { expires: '2026-11-20' }),
    {
      code: 'flow-expired',
      where: 'serving/model-api: namespace ml-jobs -> llm-serving/model-api',
      got: '2026-11-20',
      expected: 'a date from 2026-11-21 on: the flow has expired',
      fix: 'remove the flow, or agree on a new date',
    },
  ],
];

const LIMITS: Row[] = [
  [
    'HTTP requests under a profile without a mesh',
    (chart) => modelApi(chart, HTTP).allowFrom(JOBS, { http: [Http.post('/v1/predict')] }),
    {
      code: 'limit-without-mesh',
      got: 'HTTP requests',
      expected: 'a mesh that can hold it: profile generic has none',
      fix: `ClusterProfile.generic({ mesh: Mesh.sidecar() }), or withoutMesh: 'l4' with a reason`,
    },
  ],
  [
    'an identity with tokens under a profile without a mesh',
    (chart) => {
      const http = [Http.get().withJwt({ issuer: 'https://idp.example.com' })];
      modelApi(chart, HTTP).allowFrom(Identity.serviceAccount('ml-jobs', 'runner'), { http });
    },
    { code: 'limit-without-mesh', got: 'identity, HTTP requests, tokens' },
  ],
  [
    'a limit on a workload that accepts everybody',
    (chart) => {
      provide(chart, Mesh.sidecar());
      modelApi(chart, HTTP).allowFrom(JOBS, { http: [Http.post('/v1/predict')] });
    },
    {
      code: 'limit-not-isolated',
      expected: 'pods of ours that are isolated: nothing written here limits llm-serving/model-api',
      fix: `new DefaultDeny(this, 'default-deny', { namespace })`,
    },
  ],
  [
    'an account of ours that no workload runs as',
    (chart) => {
      new MlNamespace(chart, 'ml-jobs');
      const options = { withoutMesh: 'l4', reason: 'no mesh yet' };
      modelApi(chart, HTTP).allowFrom(Identity.serviceAccount('ml-jobs', 'runner'), options);
    },
    {
      code: 'caller-unknown',
      got: 'ml-jobs/runner',
      expected: 'a workload that runs as this service account, so that its egress can be opened',
    },
  ],
];

const THINGS: Row[] = [
  [
    'one namespace of two owners',
    (chart) => {
      new MlNamespace(chart, 'llm-serving');
      MlNamespace.existing(chart, 'b', { name: 'llm-serving', isolation: Isolation.NONE });
    },
    {
      code: 'namespace-twice',
      where: 'serving/b',
      got: 'llm-serving',
      expected: 'one declaration of it: serving/llm-serving declares it already',
    },
  ],
  [
    'one workload twice',
    (chart) => {
      modelApi(chart);
      const namespace = MlNamespace.fromName(chart, 'again', 'llm-serving');
      new Workload(chart, 'b', { namespace, name: 'model-api', labels: { app: 'b' } });
    },
    { code: 'workload-twice', where: 'serving/b', got: 'llm-serving/model-api' },
  ],
  [
    'two workloads that select the same pods',
    (chart) => {
      modelApi(chart);
      const namespace = MlNamespace.fromName(chart, 'again', 'llm-serving');
      new Workload(chart, 'gpu', { namespace, labels: { app: 'model-api', tier: 'gpu' } });
    },
    {
      code: 'workloads-overlap',
      where: 'serving/model-api',
      got: { app: 'model-api' },
      expected: 'labels that select its own pods only: they select the pods of llm-serving/gpu too',
    },
  ],
  [
    'a workload that selects pods by a label that another one is known to carry',
    (chart) => {
      modelApi(chart, { podLabels: { team: 'nlp' } });
      const namespace = MlNamespace.fromName(chart, 'again', 'llm-serving');
      new Workload(chart, 'nlp', { namespace, labels: { team: 'nlp' } });
    },
    { code: 'workloads-overlap', where: 'serving/nlp', got: { team: 'nlp' } },
  ],
  [
    'isolation in a namespace that is only a peer',
    (chart) => {
      const namespace = MlNamespace.fromName(chart, 'jobs', 'ml-jobs');
      new DefaultDeny(chart, 'deny', { namespace });
    },
    {
      code: 'namespace-not-ours',
      where: 'serving/deny',
      got: 'ml-jobs',
      fix: `MlNamespace.existing(this, 'ml-jobs', { name: 'ml-jobs', isolation: Isolation.BOTH })`,
    },
  ],
];

describe('modelProblems', () => {
  it.each([...PORTS, ...PROFILE, ...REASONS, ...LIMITS, ...THINGS])(
    'fails for %s',
    (_, declare, problem) => {
      const chart = chartOf();
      declare(chart);
      const found = problemsOf(chart);
      expect(found).toEqual([expect.objectContaining(problem)]);
      for (const one of found) expect(formatProblem(one)).not.toContain('\n');
    },
  );

  it.each([...PORTS, ...PROFILE, ...REASONS])('names the line that declared %s', (_, declare) => {
    const chart = chartOf();
    declare(chart);
    const [found] = problemsOf(chart);
    expect(found?.source).toMatch(/^test\/render\/problems\.test\.ts:\d+$/);
  });

  it('has nothing to say of a flow that expires today', () => {
    const chart = chartOf();
    modelApi(chart, HTTP).allowFrom(JOBS, { expires: TODAY });
    expect(problemsOf(chart)).toEqual([]);
  });

  it('tells the expired declaration of a flow that others declare for longer', () => {
    const chart = chartOf();
    const api = modelApi(chart, HTTP);
    api.allowFrom(JOBS, { expires: '2027-06-30', reason: 'scoring' });
    api.allowFrom(JOBS, { expires: '2025-06-30', reason: 'migration' });
    expect(problemsOf(chart)).toEqual([
      expect.objectContaining({ code: 'flow-expired', got: '2025-06-30' }),
    ]);
  });

  it('is content with one reason where several declare a flow', () => {
    const chart = chartOf();
    const api = modelApi(chart, HTTP);
    api.allowFrom(Peer.allPods());
    api.allowFrom(Peer.allPods(), { reason: 'shared service' });
    expect(problemsOf(chart)).toEqual([]);
  });

  it('takes L3/L4 for a limit where that is waived with a reason, with and without a mesh', () => {
    for (const mesh of [Mesh.none(), Mesh.sidecar()]) {
      const chart = chartOf();
      provide(chart, mesh);
      const http = [Http.post('/v1/predict')];
      modelApi(chart, HTTP).allowFrom(JOBS, { http, withoutMesh: 'l4', reason: 'no mesh yet' });
      expect(problemsOf(chart)).toEqual([]);
    }
  });

  it('tells all of them, in one list', () => {
    const chart = chartOf();
    const api = modelApi(chart);
    api.allowFrom(JOBS);
    api.allowTo(Peer.fqdn('hf.co'));
    api.allowTo(Peer.kubeApiserver());
    new DefaultDeny(chart, 'deny', { namespace: MlNamespace.fromName(chart, 'jobs', 'ml-jobs') });
    expect(problemsOf(chart).map(({ code }) => code)).toEqual([
      'namespace-not-ours',
      'no-ports',
      'fqdn-not-enforced',
      'reason-missing',
      'apiserver-unknown',
    ]);
  });
});
