/**
 * Which values are refused where they are written? A row each, by code, place and value; the line of
 * the user's code is always told, and always a rule and a way out. What concerns relations has its
 * rows in test/render/problems.test.ts.
 */

import { ModelRegistry } from '../../src/catalog/model-registry';
import { TrainingJob } from '../../src/catalog/training-job';
import { ClusterProfile } from '../../src/cluster/profile';
import { DefaultDeny } from '../../src/constructs/default-deny';
import { ExternalEgress } from '../../src/constructs/external-egress';
import type { FlowOptions } from '../../src/constructs/flow-options';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { MlPlatform } from '../../src/constructs/ml-platform';
import { ModuleEgress } from '../../src/constructs/module-egress';
import { ModuleIngress } from '../../src/constructs/module-ingress';
import { PlatformBaseline } from '../../src/constructs/platform-baseline';
import { Workload } from '../../src/constructs/workload';
import type { WorkloadProps } from '../../src/constructs/workload';
import { Environment } from '../../src/traffic/environment';
import { Peer } from '../../src/traffic/peer';
import { Identity } from '../../src/values/identity';
import { Port } from '../../src/values/port';
import type { Protocol } from '../../src/values/port';
import type { Problem } from '../../src/values/problem';
import { formatProblem } from '../../src/values/problem';
import { LabelSelector } from '../../src/values/selector';
import { outputFolder } from '../support/reach';
import { chartOf, refusal } from '../support/synth';

type Row = readonly [what: string, write: () => unknown, problem: Partial<Problem>];

const LONG = 'm'.repeat(64);

function serving() {
  const chart = chartOf();
  return { chart, namespace: new MlNamespace(chart, 'llm-serving') };
}

function workload(props: Partial<WorkloadProps> = {}): Workload {
  const { chart, namespace } = serving();
  return new Workload(chart, 'model-api', { namespace, labels: { app: 'model-api' }, ...props });
}

function flow(options: FlowOptions): void {
  workload().allowFrom(Peer.namespace('ml-jobs'), options);
}

const PORTS: Row[] = [
  ['a port of 0', () => Port.tcp(0), { code: 'port-number', where: 'Port.tcp: port', got: 0 }],
  ['a port above 65535', () => Port.udp(65536), { code: 'port-number', got: 65536 }],
  ['a port with a fraction', () => Port.http(80.5), { code: 'port-number', got: 80.5 }],
  [
    'a port in quotes',
    () => Port.tcp('8080' as unknown as number),
    { code: 'port-number', got: '8080', expected: 'an integer from 1 to 65535' },
  ],
  [
    'a reversed range',
    () => Port.tcpRange(9000, 8000),
    { code: 'port-range-reversed', got: 8000, fix: 'Port.tcpRange(8000, 9000)' },
  ],
  [
    'a protocol that NetworkPolicy does not know',
    () => Port.named('http', { protocol: 'ICMP' as Protocol }),
    { code: 'enum-member', got: 'ICMP', expected: 'one of TCP, UDP, SCTP' },
  ],
  ['a port name of 16 characters', () => Port.named('inference-server'), { code: 'port-name' }],
  [
    'a workload that listens on a name',
    () => workload({ ports: [Port.named('http')] }),
    { code: 'workload-port', where: 'serving/model-api: ports', got: 'http' },
  ],
  [
    'a workload that listens on everything',
    () => workload({ ports: [Port.all()] }),
    { code: 'workload-port', got: 'all ports' },
  ],
  [
    'a Service port of 0',
    () => workload({ services: [{ name: 'model-api', ports: [{ port: 0 }] }] }),
    { code: 'port-number', got: 0 },
  ],
  [
    'a target port above 65535',
    () => workload({ services: [{ name: 'api', ports: [{ port: 80, targetPort: 70000 }] }] }),
    { code: 'port-number', got: 70000 },
  ],
  [
    'a target port name in capitals',
    () => workload({ services: [{ name: 'api', ports: [{ port: 80, targetPortName: 'HTTP' }] }] }),
    { code: 'port-name', where: 'serving/model-api: targetPortName', got: 'HTTP' },
  ],
];

const BLOCKS: Row[] = [
  [
    'host bits in a CIDR',
    () => Peer.cidr('10.0.0.1/8'),
    {
      code: 'cidr-host-bits',
      got: '10.0.0.1/8',
      expected: 'no bits set beyond the mask; did you mean 10.0.0.0/8 or 10.0.0.1/32?',
      fix: `'10.0.0.0/8'`,
    },
  ],
  ['an octet of 300', () => Peer.cidr('300.0.0.0/8'), { code: 'cidr', got: '300.0.0.0/8' }],
  [
    'a CIDR without mask',
    () => Peer.cidr('10.20.0.7'),
    { code: 'cidr', where: 'Peer.cidr: cidr', got: '10.20.0.7', fix: `'10.20.0.7/32'` },
  ],
  [
    'an exception outside its block',
    () => Peer.cidr('10.0.0.0/8', { except: ['192.168.0.0/16'] }),
    { code: 'cidr-except', where: 'Peer.cidr: except', got: '192.168.0.0/16' },
  ],
  [
    'an exception as large as its block',
    () => Peer.cidr('10.0.0.0/8', { except: ['10.0.0.0/8'] }),
    { code: 'cidr-except', expected: 'a block inside 10.0.0.0/8 and smaller than it' },
  ],
  ['a host name with scheme', () => Peer.fqdn('https://hf.co'), { code: 'fqdn' }],
];

const NAMES: Row[] = [
  [
    'a label key with a space',
    () => workload({ labels: { 'my app': 'model-api' } }),
    { code: 'label-key', where: 'serving/model-api: labels', got: 'my app' },
  ],
  [
    'a label value over 63 characters',
    () => workload({ labels: { app: LONG } }),
    { code: 'label-value', where: 'serving/model-api: labels: app', got: LONG },
  ],
  [
    'a known label that no label can be',
    () => workload({ podLabels: { team: 'n l p' } }),
    { code: 'label-value', where: 'serving/model-api: podLabels: team', got: 'n l p' },
  ],
  [
    'a label value that is no string',
    () => Peer.namespaces({ release: true as unknown as string }),
    { code: 'label-value', got: true, expected: 'a string (quote numbers and booleans)' },
  ],
  [
    'a namespace name in capitals',
    () => new MlNamespace(chartOf(), 'LLM-Serving'),
    { code: 'namespace-name', where: 'serving/LLM-Serving', got: 'LLM-Serving' },
  ],
  [
    'a namespace name over 63 characters',
    () => MlNamespace.fromName(chartOf(), 'jobs', LONG),
    { code: 'namespace-name', where: 'serving/jobs', got: LONG },
  ],
  [
    'a workload name over 63 characters',
    () => workload({ name: LONG }),
    { code: 'workload-name', where: 'serving/model-api: name', got: LONG },
  ],
  [
    'a workload named like the policies of whole namespaces',
    () => workload({ name: 'all-pods' }),
    { code: 'workload-name-reserved', got: 'all-pods', fix: `name: 'all-pods-pods'` },
  ],
  [
    'a service account name with a slash',
    () => workload({ serviceAccount: 'ml/jobs' }),
    { code: 'account-name', where: 'serving/model-api: serviceAccount', got: 'ml/jobs' },
  ],
  [
    'a Service name over 63 characters',
    () => workload({ services: [{ name: LONG, ports: [{ port: 80 }] }] }),
    { code: 'service-name', where: 'serving/model-api: services', got: LONG },
  ],
  [
    'an environment name with a dot',
    () => Environment.of({ name: 'pre.prod' }),
    { code: 'environment-name', where: 'Environment.of: name', got: 'pre.prod' },
  ],
  [
    'an account of no namespace',
    () => Identity.serviceAccount('', 'job-runner'),
    { code: 'identity-name', where: 'Identity.serviceAccount: namespace', got: '' },
  ],
];

const EVERYBODY: Row[] = [
  [
    'a workload without labels',
    () => workload({ labels: {} }),
    { code: 'empty-selector', where: 'serving/model-api: labels' },
  ],
  [
    'pods by no label',
    () => Peer.pods({ labels: {}, namespace: 'web' }),
    { code: 'empty-selector' },
  ],
  ['pods of nowhere', () => Peer.pods({ labels: { app: 'web' } }), { code: 'pods-namespace' }],
  ['namespaces by no label', () => Peer.namespaces({}), { code: 'empty-selector' }],
  ['a selector that asks for nothing', () => LabelSelector.of({}), { code: 'empty-selector' }],
  [
    'an isolation of pods by no label',
    () => {
      const { chart, namespace } = serving();
      return new DefaultDeny(chart, 'deny', { namespace, pods: {} });
    },
    { code: 'empty-selector', where: 'serving/deny: pods' },
  ],
  [
    'no port in a list of ports',
    () => flow({ ports: [] }),
    { code: 'empty-list', where: 'ports', fix: 'ports: [Port.all()] for every port' },
  ],
  ['no request in a list of them', () => flow({ http: [] }), { code: 'empty-list', where: 'http' }],
  [
    'no caller in ModuleIngress',
    () => {
      const { chart, namespace } = serving();
      return new ModuleIngress(chart, 'in', { to: namespace, from: [] });
    },
    { code: 'empty-list', where: 'serving/in: from' },
  ],
  [
    'no callee in ModuleEgress',
    () => {
      const { chart, namespace } = serving();
      return new ModuleEgress(chart, 'out', { from: namespace, to: [] });
    },
    { code: 'empty-list', where: 'serving/out: to' },
  ],
  [
    'no namespace in a baseline',
    () => new PlatformBaseline(chartOf(), 'baseline', { namespaces: [] }),
    { code: 'baseline-namespaces', where: 'serving/baseline: namespaces' },
  ],
  [
    'no namespace in a module',
    () => new MlPlatform({ outdir: outputFolder() }).module('ml', { namespaces: [] }),
    { code: 'empty-list', where: 'ml: namespaces' },
  ],
  [
    'an endpoint without ports',
    () => workload().endpoint('metrics'),
    { code: 'empty-list', where: 'llm-serving/model-api metrics: ports' },
  ],
];

const TERMS: Row[] = [
  [
    'a date that no calendar has',
    () => flow({ expires: '2027-02-30' }),
    { code: 'date', where: 'expires', got: '2027-02-30', expected: 'an ISO date' },
  ],
  ['a date with a time', () => flow({ expires: '2027-02-03T00:00' }), { code: 'date' }],
  [
    'a waiver without a reason',
    () => flow({ withoutFqdn: 'internet' }),
    { code: 'waiver-reason', where: 'withoutFqdn', got: undefined },
  ],
  [
    'a waiver whose reason is blank',
    () => flow({ withoutMesh: 'l4', reason: '  ' }),
    { code: 'waiver-reason', where: 'withoutMesh', got: '  ' },
  ],
  [
    'a waiver by another word',
    () => flow({ withoutFqdn: 'yes', reason: 'models' }),
    { code: 'waiver', got: 'yes', expected: `'internet'`, fix: `withoutFqdn: 'internet'` },
  ],
  ...(['reason', 'owner', 'ticket'] as const).map((field): Row => [
    `a ${field} of two lines`,
    () => flow({ [field]: 'a\nb' }),
    { code: 'one-line', where: field, got: 'a\nb', fix: `${field}: "a b"` },
  ]),
];

const TARGETS: Row[] = [
  [
    'an external peer that is a namespace',
    () => {
      const { chart, namespace } = serving();
      const to = [Peer.namespace('ml-jobs')];
      return new ExternalEgress(chart, 'out', { from: namespace, to });
    },
    { code: 'peer-not-external', where: 'serving/out: to', got: 'namespace ml-jobs' },
  ],
  ...[Peer.internet(), Peer.any(), Peer.namespaces({ team: 'nlp' }), Peer.dns()].map(
    (peer): Row => [
      `isolation of ${peer.peerName}`,
      () => {
        const { chart, namespace } = serving();
        return new ModuleEgress(chart, 'out', { from: peer, to: [namespace] });
      },
      { code: 'target-not-pods', where: 'serving/out', got: peer.peerName },
    ],
  ),
  [
    'isolation of a workload and of labels at once',
    () => {
      const { chart, namespace } = serving();
      const api = new Workload(chart, 'model-api', { namespace, labels: { app: 'model-api' } });
      return new DefaultDeny(chart, 'deny', { namespace, workload: api, pods: { app: 'bert' } });
    },
    { code: 'isolation-ambiguous', where: 'serving/deny' },
  ],
  [
    'isolation of a workload in another namespace',
    () => {
      const { chart } = serving();
      return new DefaultDeny(chart, 'deny', {
        namespace: MlNamespace.fromName(chart, 'jobs', 'ml-jobs'),
        workload: workload(),
      });
    },
    { code: 'isolation-elsewhere', where: 'serving/deny', got: 'llm-serving/model-api' },
  ],
];

const COMPONENTS: Row[] = [
  [
    'a component that is used before it is added',
    () => TrainingJob.pytorch('bert').rendezvous,
    {
      code: 'component-unbound',
      where: `TrainingJob.pytorch('bert')`,
      fix: `platform.module('…').add(TrainingJob.pytorch('bert'))`,
    },
  ],
  [
    'a component that is added twice',
    () => {
      const platform = new MlPlatform({ outdir: outputFolder() });
      const mlflow = platform.module('mlflow').add(ModelRegistry.mlflow());
      return platform.module('tracking').add(mlflow);
    },
    {
      code: 'component-twice',
      where: 'tracking',
      got: 'ModelRegistry.mlflow()',
      expected: 'a component that no module has added: mlflow has it',
      fix: 'make another one for tracking',
    },
  ],
  [
    'a role that the component does not have',
    () => {
      const platform = new MlPlatform({ outdir: outputFolder() });
      return platform.module('mlflow').add(ModelRegistry.mlflow()).role('grpc');
    },
    { code: 'role-unknown', got: 'grpc', expected: 'one of tracking', fix: `role('tracking')` },
  ],
  [
    'a module of a name that is taken',
    () => {
      const platform = new MlPlatform({ outdir: outputFolder() });
      return ['mlflow', 'mlflow'].map((name) => platform.module(name));
    },
    { code: 'module-twice', where: 'MlPlatform.module', got: 'mlflow' },
  ],
  [
    'a second profile for one tree',
    () => ClusterProfile.provide(chartOf(ClusterProfile.eks()), ClusterProfile.gke()),
    { code: 'profile-twice', where: 'serving', got: 'gke' },
  ],
];

describe('a value that is wrong in itself', () => {
  it.each([...PORTS, ...BLOCKS, ...NAMES, ...EVERYBODY, ...TERMS, ...TARGETS, ...COMPONENTS])(
    'fails where it is written: %s',
    (_, write, problem) => {
      const found = refusal(write);
      expect(found).toMatchObject(problem);
      expect(found.source).toMatch(/^test\/constructs\/refused-values\.test\.ts:\d+$/);
      expect(found.expected).not.toMatch(/^(a )?valid/);
      expect(found.fix.length).toBeGreaterThan(2);
      expect(formatProblem(found)).not.toContain('\n');
    },
  );
});
