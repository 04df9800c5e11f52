/**
 * The results that every report is shown: none, one, many, unknown, and names that try to break out of
 * the format. Each is valid by docs/result.schema.json (test/report/schema.test.ts).
 */
import type {
  DiffResult,
  Evidence,
  ExplainResult,
  ExposureResult,
  RouteAnswer,
  Finding,
  LintResult,
  ReachResult,
  ResultBase,
  ResultConnection,
  TestResult,
} from '../../src/engine/result';
import type { Reported, ReportOptions } from '../../src/report/report';

export const OPTIONS: ReportOptions = { color: false, all: false, quiet: false, version: '1.2.3' };

/** Everything that some format would obey. */
export const HOSTILE =
  'a"b\'c<d>&e]]>f%g\nh\r\ni|j`k\\l#m@team*n_o[p](q){r}::error::s,t\u001b[31mu\u202ev\u0000w\ud800x😀é--ꟿ';

export const BASE: ResultBase = {
  version: 1,
  notAnalyzed: [],
  problems: [],
  counts: { workloads: 3, policies: 5, namespaces: 2 },
};

const EMPTY: ResultBase = { ...BASE, counts: { workloads: 0, policies: 0, namespaces: 0 } };

/** With something that is not understood, and something that could not be read. */
export const INCOMPLETE: ResultBase = {
  ...BASE,
  notAnalyzed: [
    {
      kind: 'CiliumNetworkPolicy',
      namespace: 'llm-serving',
      name: 'l7',
      why: 'no evaluator for this kind',
      file: 'dist/x.yaml',
      line: 88,
      column: 1,
    },
  ],
  problems: [
    {
      code: 'yaml-syntax',
      got: 'a tab',
      expected: 'spaces',
      fix: 'indent with spaces',
      file: 'dist/broken.yaml',
      line: 3,
      column: 2,
    },
  ],
};

export const workload = (id: string): ReachResult['workloads'][number] => {
  const [namespace = '', kind = '', ...name] = id.split('/');
  return { id, namespace, kind, name: name.join('/'), isolated: ['ingress', 'egress'] };
};

export const allowing = (
  from: string,
  to: string,
  more: Partial<ResultConnection> = {},
): ResultConnection => ({
  from,
  to,
  protocol: 'TCP',
  allow: [{ ports: [[8080, 8080]] }],
  unknown: [],
  ...more,
});

export const policy = (object: string, line: number, more: Partial<Evidence> = {}): Evidence => ({
  object,
  file: 'dist/llm-serving.k8s.yaml',
  line,
  column: 1,
  ...more,
});

const BERT = 'ml-training/Job/bert';
const MLFLOW = 'mlflow/Deployment/mlflow';
const TRITON = 'llm-serving/Deployment/triton';

export const reach = (more: Partial<ReachResult> = {}): ReachResult => ({
  ...BASE,
  query: 'reach',
  workloads: [TRITON, BERT, MLFLOW].map(workload),
  connections: [
    allowing('10.0.0.0/8', TRITON),
    allowing(BERT, MLFLOW, {
      allow: [
        { ports: [[5000, 5000]] },
        {
          ports: [[9090, 9090]],
          http: [
            {
              methods: ['GET', 'POST'],
              paths: ['/api/2.0/*'],
              notPaths: ['/api/2.0/admin'],
              hosts: [],
              when: [{ key: 'request.auth.claims[groups]', values: ['ml'] }],
            },
          ],
        },
      ],
      unknown: [{ ports: [[2049, 2050]], fact: 'pod-address' }],
    }),
    allowing(BERT, MLFLOW, { protocol: 'UDP', allow: [{ ports: [[1, 65535]] }] }),
  ],
  ...more,
});

export const explain = (more: Partial<ExplainResult> = {}): ExplainResult => ({
  ...BASE,
  query: 'explain',
  from: 'llm-api/Deployment/gateway',
  to: TRITON,
  protocol: 'TCP',
  port: 8001,
  verdict: 'DENIED',
  layers: [
    {
      layer: 'egress',
      verdict: 'ALLOWED',
      says: 'allowed by a rule',
      by: [policy('NetworkPolicy llm-api/gateway-egress', 41, { rule: 'egress[0]' })],
      facts: [],
    },
    {
      layer: 'ingress',
      verdict: 'DENIED',
      says: 'isolated by default-deny',
      by: [policy('NetworkPolicy llm-serving/default-deny', 12, { constructPath: 'llm/deny' })],
      nearest: policy('NetworkPolicy llm-serving/triton', 77, { rule: 'allows TCP 8000' }),
      facts: [],
    },
    { layer: 'mtls', verdict: 'NOT REACHED', says: 'not reached', by: [], facts: ['pod-address'] },
  ],
  fix: "triton.allowFrom(gateway, { ports: [Port.grpc(8001)], reason: '...' })",
  ...more,
});

export const finding = (more: Partial<Finding> = {}): Finding => ({
  code: 'MLN203',
  name: 'dns-egress-missing',
  severity: 'error',
  at: {
    file: 'dist/llm-serving.k8s.yaml',
    line: 12,
    column: 3,
    constructPath: 'llm-serving/default-deny',
  },
  object: 'NetworkPolicy llm-serving/default-deny',
  message: '3 workloads are egress-isolated and cannot resolve names',
  got: 'no rule to port 53',
  expected: 'UDP 53 and TCP 53 to kube-system/kube-dns',
  fix: "new DnsEgress(this, 'dns', { namespace: ns })",
  evidence: [],
  ...more,
});

export const lint = (findings: readonly Finding[], base: ResultBase = BASE): LintResult => ({
  ...base,
  query: 'lint',
  findings,
  rules: [
    {
      code: 'MLN203',
      name: 'dns-egress-missing',
      severity: 'error',
      summary: 'Isolated workloads need DNS.',
      why: 'Names resolve before anything else works.',
    },
    {
      code: 'MLN405',
      name: 'http-field-on-tcp-port',
      severity: 'warning',
      summary: 'HTTP fields need an HTTP port.',
      why: 'Istio ignores them.',
    },
  ],
});

const NOTHING = { allow: [], unknown: [] };
const HTTPS = { allow: [{ ports: [[443, 443] as const] }], unknown: [] };

export const diff = (more: Partial<DiffResult> = {}): DiffResult => ({
  ...BASE,
  query: 'diff',
  changes: [
    {
      change: 'widened',
      from: 'ml-training/Deployment/notebook',
      to: '0.0.0.0/0',
      protocol: 'TCP',
      was: NOTHING,
      now: HTTPS,
      because: [policy('NetworkPolicy ml-training/notebook', 7)],
    },
    {
      change: 'narrowed',
      from: 'monitoring/StatefulSet/prometheus',
      to: TRITON,
      protocol: 'TCP',
      was: HTTPS,
      now: NOTHING,
      because: [],
    },
  ],
  workloads: { added: ['ml-training/Deployment/notebook'], removed: [] },
  rewritten: [policy('NetworkPolicy llm-serving/default-deny', 1)],
  ...more,
});

export const route = (more: Partial<RouteAnswer> = {}): RouteAnswer => ({
  entry: policy('Ingress llm-serving/triton', 7, { file: 'dist/ingress.yaml' }),
  protocol: 'TCP',
  port: 443,
  http: [
    {
      ...{ methods: [], paths: ['/v2', '/v2/*'], notPaths: [] },
      ...{ hosts: ['ai.example.com'], when: [] },
    },
  ],
  through: ['ingress-nginx/Deployment/controller'],
  service: 'llm-serving/triton:80',
  to: [{ workload: TRITON, port: 8000 }],
  verdict: 'DENIED',
  steps: [
    {
      ...{ from: 'outside', to: 'ingress-nginx/Deployment/controller TCP 8443' },
      ...{ verdict: 'ALLOWED', says: 'no policy isolates the pods', by: [], facts: [] },
    },
    {
      ...{ from: 'ingress-nginx/Deployment/controller', to: `${TRITON} TCP 8000` },
      ...{ verdict: 'DENIED', says: 'isolated by default-deny', facts: [] },
      by: [policy('NetworkPolicy llm-serving/default-deny', 12)],
    },
  ],
  ...more,
});

export const exposure = (more: Partial<ExposureResult> = {}): ExposureResult => ({
  ...BASE,
  query: 'exposure',
  exposed: [
    {
      workload: TRITON,
      isolated: ['ingress'],
      from: [{ stranger: 'pod of another namespace', protocol: 'TCP', ...HTTPS }],
      to: [
        {
          stranger: 'metadata address',
          protocol: 'TCP',
          allow: [],
          unknown: [{ ports: [[80, 80]], fact: 'cni-enforcement' }],
        },
      ],
    },
  ],
  routes: [],
  ...more,
});

export const asserted = (more: Partial<TestResult> = {}): TestResult => ({
  ...BASE,
  query: 'test',
  assertions: [
    {
      assertion: 'allow ml-training/bert -> mlflow/mlflow TCP/5000',
      at: { file: 'flows.yaml', line: 2, column: 3 },
      reason: 'experiment tracking',
      verdict: 'passed',
      got: 'ALLOWED',
      expected: 'ALLOWED',
      evidence: [],
    },
    {
      assertion: 'deny reporting/* -> ml-training/*',
      at: { file: 'flows.yaml', line: 5, column: 3 },
      verdict: 'failed',
      got: 'TCP 8080 from reporting/dash to ml-training/bert',
      expected: 'DENIED',
      evidence: [policy('NetworkPolicy ml-training/bert', 9, { rule: 'ingress[0]' })],
    },
    {
      assertion: 'deny reporting/* -> mlflow/*',
      at: { file: 'flows.yaml', line: 6, column: 3 },
      verdict: 'unknown',
      got: 'UNKNOWN: pod-address',
      expected: 'DENIED',
      evidence: [],
    },
  ],
  ...more,
});

const HOSTILE_BASE: ResultBase = {
  ...BASE,
  notAnalyzed: [{ kind: HOSTILE, name: HOSTILE, why: HOSTILE, file: HOSTILE, line: 1, column: 1 }],
  problems: [
    {
      code: HOSTILE,
      got: HOSTILE,
      expected: HOSTILE,
      fix: HOSTILE,
      file: HOSTILE,
      line: 1,
      column: 1,
    },
  ],
};
const HOSTILE_ID = `${HOSTILE}/Job/${HOSTILE}`;
const HOSTILE_PLACE = { file: HOSTILE, line: 1, column: 1, constructPath: HOSTILE };
const hostileEvidence: Evidence = { ...HOSTILE_PLACE, object: HOSTILE, rule: HOSTILE };
const hostileHttp = {
  methods: [HOSTILE],
  paths: [HOSTILE],
  notPaths: [HOSTILE],
  hosts: [HOSTILE],
  when: [{ key: HOSTILE, values: [HOSTILE], notValues: [HOSTILE] }],
};
const hostileKnown = {
  allow: [{ ports: [[80, 80] as const], http: [hostileHttp] }],
  unknown: [{ ports: [[81, 81] as const], fact: HOSTILE }],
};

/** By name, for `it.each`. */
export const RESULTS: Readonly<Record<string, Reported>> = {
  'no connections': { ...EMPTY, query: 'reach', workloads: [], connections: [] },
  'some connections': reach(),
  'connections among 250 pairs': reach({
    workloads: Array.from({ length: 26 }, (_, n) => workload(`ns-${n % 3}/Job/j${n}`)),
    connections: Array.from({ length: 25 }, (_, n) =>
      Array.from({ length: 10 }, (_, m) =>
        allowing(`ns-${n % 3}/Job/j${n}`, `ns-${m % 3}/Job/j${m}`),
      ),
    ).flat(),
  }),
  'connections of which something is missing': reach(INCOMPLETE),
  'an explanation': explain(),
  'an explanation of a request': explain({
    ...INCOMPLETE,
    verdict: 'UNKNOWN',
    http: { methods: ['POST'], paths: ['/v1/predict'], notPaths: [], hosts: [], when: [] },
  }),
  'an explanation with a way from outside': explain({ routes: [route()] }),
  'no findings': lint([]),
  'some findings': lint(
    [
      finding(),
      finding({ code: 'MLN405', name: 'http-field-on-tcp-port', severity: 'warning' }),
      finding({ acknowledged: 'the vendor resolves nothing' }),
      finding({ severity: 'info', at: { file: '-', line: 1, column: 1 }, object: 'Job ml-jobs/x' }),
    ],
    INCOMPLETE,
  ),
  'no differences': diff({ changes: [], rewritten: [], workloads: { added: [], removed: [] } }),
  'some differences': diff(),
  'no exposure': exposure({ exposed: [] }),
  'some exposure': exposure(),
  'ways from outside': exposure({ routes: [route(), route({ verdict: 'UNKNOWN', to: [] })] }),
  'no assertions': asserted({ assertions: [] }),
  'some assertions': asserted(INCOMPLETE),
  'hostile connections': reach({
    ...HOSTILE_BASE,
    workloads: [{ ...workload('a/b/c'), id: HOSTILE_ID, name: HOSTILE }],
    connections: [{ from: HOSTILE_ID, to: HOSTILE, protocol: 'TCP', ...hostileKnown }],
  }),
  'a hostile explanation': explain({
    ...HOSTILE_BASE,
    from: HOSTILE_ID,
    to: HOSTILE_ID,
    http: hostileHttp,
    fix: HOSTILE,
    layers: [
      {
        layer: 'ingress',
        verdict: 'DENIED',
        says: HOSTILE,
        by: [hostileEvidence, hostileEvidence],
        nearest: hostileEvidence,
        facts: [HOSTILE],
      },
    ],
  }),
  'hostile findings': lint(
    [
      finding({
        at: HOSTILE_PLACE,
        object: HOSTILE,
        message: HOSTILE,
        got: HOSTILE,
        expected: HOSTILE,
        fix: HOSTILE,
      }),
      finding({ at: HOSTILE_PLACE, object: HOSTILE, acknowledged: HOSTILE }),
    ],
    HOSTILE_BASE,
  ),
  'hostile differences': diff({
    ...HOSTILE_BASE,
    changes: [
      {
        change: 'changed',
        from: HOSTILE_ID,
        to: HOSTILE_ID,
        protocol: 'UDP',
        was: hostileKnown,
        now: hostileKnown,
        because: [hostileEvidence],
      },
    ],
    workloads: { added: [HOSTILE_ID], removed: [HOSTILE_ID] },
    rewritten: [hostileEvidence],
  }),
  'hostile exposure': exposure({
    ...HOSTILE_BASE,
    exposed: [
      {
        workload: HOSTILE_ID,
        isolated: [],
        from: [{ stranger: 'node', protocol: 'SCTP', ...hostileKnown }],
        to: [],
      },
    ],
    routes: [
      route({
        ...{ entry: hostileEvidence, http: [hostileHttp], through: [HOSTILE], service: HOSTILE },
        to: [{ workload: HOSTILE_ID }],
        steps: [
          {
            ...{ from: HOSTILE, to: HOSTILE, verdict: 'DENIED', says: HOSTILE },
            ...{ by: [hostileEvidence], facts: [HOSTILE] },
          },
        ],
      }),
    ],
  }),
  'hostile assertions': asserted({
    ...HOSTILE_BASE,
    assertions: [
      {
        assertion: HOSTILE,
        at: HOSTILE_PLACE,
        reason: HOSTILE,
        verdict: 'failed',
        got: HOSTILE,
        expected: HOSTILE,
        evidence: [hostileEvidence],
      },
    ],
  }),
};
