/** The matchers as a test of a user calls them: what passes, what fails, and what a failure says. */
import { matchers, PolicyCluster } from '../../src/testing';
import { MESH_YAML, YAML } from './cluster';

const cluster = PolicyCluster.fromYaml(YAML);

/** The message with which an expectation fails. */
function failure(expectation: () => unknown): string {
  try {
    expectation();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the expectation holds');
}

describe('toReach', () => {
  it('holds where the port is open', () => {
    expect(cluster).toReach('ml-training/bert', 'mlflow/mlflow', 5000);
    expect(cluster).toReach('ml-training/bert', 'mlflow/Deployment/mlflow', 'TCP/5000');
    expect(cluster).toReach('ml-training/bert', 'mlflow/*');
  });

  it('holds with not where nothing of it passes', () => {
    expect(cluster).not.toReach('ml-training/bert', 'mlflow/mlflow', 5001);
    expect(cluster).not.toReach('ml-training/bert', 'mlflow/mlflow', 'UDP/5000');
    expect(cluster).not.toReach('reporting/*', 'ml-training/*');
  });

  it('says what is allowed instead, and who isolates', () => {
    const text = failure(() => expect(cluster).toReach('ml-training/bert', 'mlflow/mlflow', 444));
    expect(text).toBe(`expected ml-training/bert to reach mlflow/mlflow on TCP 444

  ml-training/Job/bert -> mlflow/Deployment/mlflow: DENIED
    allowed between them: TCP 5000, TCP 443 unknown: pod-address
    egress of ml-training/Job/bert: isolated by NetworkPolicy ml-training/default-deny (yaml:24), NetworkPolicy ml-training/bert-egress (yaml:29)
    ingress of mlflow/Deployment/mlflow: not isolated
    network policy: egress DENIED, ingress ALLOWED`);
  });

  it('names each pair of a wildcard that should not connect', () => {
    const text = failure(() => expect(cluster).not.toReach('*/*', 'mlflow/*'));
    expect(text).toContain('expected */* not to reach mlflow/* on any port');
    expect(text).toContain('ml-training/Job/bert -> mlflow/Deployment/mlflow: ALLOWED');
    expect(text).toContain('reporting/Pod/dashboard -> mlflow/Deployment/mlflow: ALLOWED');
  });

  it('wants every pair of a wildcard to connect', () => {
    const text = failure(() => expect(cluster).toReach('*/*', 'reporting/*', 80));
    expect(text).toContain('ml-training/Job/bert -> reporting/Pod/dashboard: DENIED');
    expect(text).not.toContain('mlflow/Deployment/mlflow -> reporting/Pod/dashboard');
  });

  it('answers about addresses, whole blocks only', () => {
    expect(cluster).toReach('ml-training/bert', '203.0.113.7', 443);
    expect(cluster).toReach('ml-training/bert', '203.0.113.0/26', 443);
    expect(cluster).not.toReach('ml-training/bert', '203.0.113.200', 443);
    expect(cluster).not.toReach('203.0.113.0/24', 'ml-training/*');
    const text = failure(() => expect(cluster).toReach('ml-training/bert', '203.0.113.0/24', 443));
    expect(text).toContain('203.0.113.0/24: ALLOWED in part');
    expect(() => expect(cluster).not.toReach('ml-training/bert', '203.0.113.0/24')).toThrow();
  });

  it('answers about addresses as callers, wherever other policies split them', () => {
    const split = PolicyCluster.fromYaml(`${YAML}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: dashboard, namespace: reporting }
spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 192.0.2.0/25 } }] }] }
`);
    expect(split).toReach('192.0.2.0/24', 'mlflow/mlflow', 5000);
    expect(split).toReach('192.0.2.0/25', 'reporting/dashboard', 80);
    expect(split).not.toReach('192.0.2.128/25', 'reporting/dashboard');
    expect(() => expect(split).toReach('192.0.2.0/24', 'reporting/*', 80)).toThrow('in part');
  });

  it.each(['10.0.0.0/99', 'fd00::/129'])('refuses the block %s', (block) => {
    expect(() => expect(cluster).not.toReach(block, '*/*')).toThrow('toReach: from: got');
  });

  it('refuses names that mean nobody, and says which ones are near', () => {
    expect(failure(() => expect(cluster).not.toReach('ml-training/brt', '*/*'))).toMatch(
      /^test\/testing\/matchers.test.ts:\d+ toReach: from: got "ml-training\/brt", expected .*known: ml-training\/bert, mlflow\/mlflow, reporting\/dashboard; fix: 'ml-training\/bert'/,
    );
    expect(failure(() => expect(cluster).toReach('*/*', 'training/mlflow'))).toContain(
      "fix: 'mlflow/mlflow'",
    );
    expect(failure(() => expect(cluster).not.toReach('nobody/*', '*/*'))).toContain('"nobody/*"');
    expect(failure(() => expect(cluster).toReach('10.0.0.1', '10.0.0.2'))).toContain(
      'expected a workload at one end',
    );
  });

  it.each([0, 70000, 'HTTP/80', 'UDP', { port: 53, protocol: 'UDP', path: '/' } as const])(
    'refuses the port %j',
    (on) => {
      expect(() => expect(cluster).toReach('*/*', '*/*', on)).toThrow(/toReach: on: got/);
    },
  );

  it('takes nothing but clusters', () => {
    const call = () => matchers.toReach.call({}, { kind: 'Pod' }, 'a/b', 'c/d');
    expect(call).toThrow('got "object", expected a PolicyCluster');
  });
});

describe('toReach with requests', () => {
  const mesh = PolicyCluster.fromYaml(MESH_YAML);
  const [from, to] = ['ml-jobs/scorer', 'llm-serving/model-api'];

  it('tells requests apart', () => {
    expect(mesh).toReach(from, to, { port: 8080, method: 'POST', path: '/v1/predict' });
    expect(mesh).not.toReach(from, to, { port: 8080, method: 'DELETE', path: '/v1/predict' });
  });

  it('proves nothing by some requests', () => {
    const text = failure(() => expect(mesh).toReach(from, to, 8080));
    expect(text).toContain('ALLOWED in part');
    expect(text).toContain('POST /v1/predict');
    expect(() => expect(mesh).not.toReach(from, to, 8080)).toThrow('ALLOWED in part');
  });

  it('wants to know what the request carries, where that decides', () => {
    const request = { port: 8080, method: 'GET', path: '/v1/models' };
    expect(() => expect(mesh).toReach(from, to, request)).toThrow('ALLOWED in part');
    expect(() => expect(mesh).not.toReach(from, to, request)).toThrow('ALLOWED in part');
    const key = 'request.headers[x-tenant]';
    expect(mesh).toReach(from, to, { ...request, carries: { [key]: 'ml' } });
    expect(mesh).not.toReach(from, to, { ...request, carries: { [key]: ['bi', 'ops'] } });
  });

  it('says that it is the mesh that denies', () => {
    const request = { port: 8080, method: 'DELETE', path: '/' };
    expect(failure(() => expect(mesh).toReach(from, to, request))).toContain(
      'network policy: egress ALLOWED, ingress ALLOWED; the rest is the mesh',
    );
  });
});

describe('what is not known', () => {
  const unclear = PolicyCluster.fromYaml(`${YAML}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: odd, namespace: mlflow }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: [{ froms: [] }] }
`);

  it('is proof neither of reaching nor of not reaching, and is named', () => {
    const positive = () => expect(unclear).toReach('ml-training/bert', 'mlflow/mlflow', 5000);
    const negative = () => expect(unclear).not.toReach('ml-training/bert', 'mlflow/mlflow', 5000);
    expect(positive).toThrow(/UNKNOWN, it depends on \S/);
    expect(negative).toThrow(/UNKNOWN, it depends on \S/);
  });
});

describe('toBeIsolated', () => {
  it('holds for both directions, or for one', () => {
    expect(cluster).toBeIsolated('ml-training/*');
    expect(cluster).toBeIsolated('ml-training/bert', 'egress');
    expect(cluster).not.toBeIsolated('reporting/*');
  });

  it('refuses other directions', () => {
    const both = 'Ingress' as 'ingress';
    expect(() => expect(cluster).not.toBeIsolated('*/*', both)).toThrow('direction: got "Ingress"');
  });

  it('says who is not, and by whom the others are', () => {
    expect(failure(() => expect(cluster).toBeIsolated('*/*', 'ingress')))
      .toBe(`expected */* to be isolated for ingress

  ingress of mlflow/Deployment/mlflow: not isolated
  ingress of reporting/Pod/dashboard: not isolated`);
    expect(failure(() => expect(cluster).not.toBeIsolated('*/*', 'ingress'))).toContain(
      'ingress of ml-training/Job/bert: isolated by NetworkPolicy ml-training/default-deny',
    );
  });
});

describe('toHaveNoFindings', () => {
  it('holds for the rules that are asked for', () => {
    expect(cluster).toHaveNoFindings({ rules: ['dangling-selector', 'MLN206'] });
    expect(cluster).not.toHaveNoFindings({ rules: ['MLN203'] });
  });

  it('says what is found, where, and how it is mended', () => {
    const text = failure(() => expect(cluster).toHaveNoFindings({ failOn: 'error' }));
    expect(text).toContain('expected no finding at error or above');
    expect(text).toMatch(
      /error MLN203 dns-egress-missing: NetworkPolicy ml-training\/\S+ \(yaml:\d+\)/,
    );
    expect(text).toContain('fix: ');
  });

  it('refuses what it does not know', () => {
    expect(() => expect(cluster).toHaveNoFindings({ rules: ['MLN2O3'] })).toThrow("fix: 'MLN203'");
    const failOn = 'errors' as 'error';
    expect(() => expect(cluster).toHaveNoFindings({ failOn })).toThrow('expected one of error');
  });
});
