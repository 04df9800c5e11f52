import { stripVTControlCharacters } from 'node:util';
import { text } from '../../src/report/text';
import {
  allowing,
  asserted,
  diff,
  explain,
  exposure,
  finding,
  lint,
  OPTIONS,
  reach,
  RESULTS,
  route,
} from './results';

const shown = (result: Parameters<typeof text.render>[0], options = {}): string =>
  [...text.render(result, { ...OPTIONS, ...options })].join('');

describe('text of reach', () => {
  it('groups by source, says requests apart, and counts what is denied', () => {
    expect(shown(reach())).toBe(
      [
        '10.0.0.0/8  addresses',
        '  allowed  -> llm-serving/triton  TCP 8080',
        '  denied   -> ml-training/bert, mlflow/mlflow',
        'llm-serving/triton  Deployment  isolated: ingress, egress',
        '  denied  -> ml-training/bert, mlflow/mlflow, all external addresses',
        'ml-training/bert  Job  isolated: ingress, egress',
        '  allowed  -> mlflow/mlflow  TCP 5000, UDP every port',
        '  allowed  -> mlflow/mlflow  TCP 9090                  GET,POST /api/2.0/* not /api/2.0/admin when request.auth.claims[groups]=ml',
        '  UNKNOWN  -> mlflow/mlflow  TCP 2049-2050             depends on: pod-address',
        '  denied   -> llm-serving/triton, all external addresses',
        'mlflow/mlflow  Deployment  isolated: ingress, egress',
        '  denied  -> llm-serving/triton, ml-training/bert, all external addresses',
        '9 pairs: 2 allowed, 0 unknown, 7 denied. 3 workloads, 5 policies, 2 namespaces. not analyzed: none',
        '',
      ].join('\n'),
    );
  });

  it('leaves out sources that reach nothing of what was asked about', () => {
    const asked = { to: ['mlflow/Deployment/mlflow'] };
    const connections = [allowing('ml-training/Job/bert', 'mlflow/Deployment/mlflow')];
    expect(shown(reach({ asked, connections })).split('\n')).toEqual([
      'ml-training/bert  Job  isolated: ingress, egress',
      '  allowed  -> mlflow/mlflow  TCP 8080',
      '2 pairs: 1 allowed, 0 unknown, 1 denied. 3 workloads, 5 policies, 2 namespaces. not analyzed: none',
      '',
    ]);
  });

  it('counts workloads that are denied, and names them when all is asked for', () => {
    const many = RESULTS['connections among 250 pairs'];
    expect(many && shown(many)).toContain('-> 16 other workloads, all external addresses');
    expect(many && shown(many, { all: true })).toContain('-> ns-1/j10, ns-2/j11,');
  });

  it('says what was not analyzed, even when it is quiet', () => {
    const result = RESULTS['connections of which something is missing'];
    const line =
      'not analyzed: CiliumNetworkPolicy llm-serving/l7 (dist/x.yaml:88: no evaluator for this kind)';
    expect(result && shown(result)).toContain(line);
    expect(result && shown(result, { quiet: true }).trimEnd().endsWith(`\n${line}`)).toBe(true);
  });
});

describe('text of the other results', () => {
  it('explains layer by layer, each with object and line', () => {
    expect(shown(explain()).split(/\n/)).toEqual([
      'DENIED  llm-api/gateway -> llm-serving/triton  TCP 8001',
      '  egress   ALLOWED      allowed by a rule         NetworkPolicy llm-api/gateway-egress: egress[0]    dist/llm-serving.k8s.yaml:41',
      '  ingress  DENIED       isolated by default-deny  NetworkPolicy llm-serving/default-deny             dist/llm-serving.k8s.yaml:12  llm/deny',
      '                        nearest: allows TCP 8000  NetworkPolicy llm-serving/triton: allows TCP 8000  dist/llm-serving.k8s.yaml:77',
      '  mtls     NOT REACHED  not reached',
      '                        depends on: pod-address',
      "fix: triton.allowFrom(gateway, { ports: [Port.grpc(8001)], reason: '...' })",
      '3 workloads, 5 policies, 2 namespaces. not analyzed: none',
      '',
    ]);
  });

  it('shows a finding with what is there, what should be, and the change', () => {
    const acknowledged = finding({ acknowledged: 'the vendor resolves nothing' });
    expect(shown(lint([finding(), acknowledged]))).toBe(
      [
        'llm-serving/default-deny  NetworkPolicy llm-serving/default-deny  dist/llm-serving.k8s.yaml:12:3',
        '  error    3 workloads are egress-isolated and cannot resolve names  MLN203 dns-egress-missing',
        '           got: no rule to port 53    expected: UDP 53 and TCP 53 to kube-system/kube-dns',
        "           fix: new DnsEgress(this, 'dns', { namespace: ns })",
        '1 problem (1 error, 0 warnings, 0 info), 1 acknowledged. 2 rules. 3 workloads, 5 policies, 2 namespaces. not analyzed: none',
        '',
      ].join('\n'),
    );
    expect(shown(lint([acknowledged]), { all: true })).toContain(
      'acknowledged: the vendor resolves nothing',
    );
  });

  it('shows a difference with what was, what is and which policy did it', () => {
    expect(shown(diff())).toBe(
      [
        '+ widened   ml-training/notebook -> 0.0.0.0/0            now TCP 443  was none     NetworkPolicy ml-training/notebook (dist/llm-serving.k8s.yaml:7)',
        '- narrowed  monitoring/prometheus -> llm-serving/triton  now none     was TCP 443',
        '+ workload ml-training/notebook',
        '~ rewritten 1 policy, same reach (--all lists them)',
        'reach: 1 widened, 1 narrowed, 0 changed, all other pairs unchanged. 3 workloads, 5 policies, 2 namespaces. not analyzed: none',
        '',
      ].join('\n'),
    );
    expect(shown(diff(), { all: true })).toContain('    NetworkPolicy llm-serving/default-deny');
  });

  it('shows ways from outside, and the steps that stop them', () => {
    const ways = shown(exposure({ exposed: [], routes: [route(), route({ verdict: 'ALLOWED' })] }));
    expect(ways.split('\n').slice(0, 3)).toEqual([
      'ways from outside',
      '  DENIED  Ingress llm-serving/triton  dist/ingress.yaml:7  TCP 443 any method /v2,/v2/* on ai.example.com -> ingress-nginx/controller -> llm-serving/triton:80 -> llm-serving/triton 8000',
      '      DENIED  ingress-nginx/controller -> llm-serving/triton TCP 8000: isolated by default-deny  NetworkPolicy llm-serving/default-deny  dist/llm-serving.k8s.yaml:12',
    ]);
    expect(ways).toContain('; 1 of 2 ways from outside open.');
    // an explanation tells every step
    expect(shown(explain({ routes: [route()] }))).toContain(
      '      ALLOWED  outside -> ingress-nginx/controller TCP 8443: no policy isolates the pods',
    );
  });

  it('shows what strangers reach, and what it depends on', () => {
    expect(shown(exposure())).toBe(
      [
        'llm-serving/triton  Deployment  isolated: ingress',
        '  allowed  <- pod of another namespace  TCP 443',
        '  UNKNOWN  -> metadata address          TCP 80 unknown: cni-enforcement',
        '1 workload can be reached by strangers, 1 can reach strangers. 3 workloads, 5 policies, 2 namespaces. not analyzed: none',
        '',
      ].join('\n'),
    );
  });

  it('shows assertions that do not hold, with the policy that decides', () => {
    expect(shown(asserted())).toBe(
      [
        'FAILED  deny reporting/* -> ml-training/*    flows.yaml:5',
        '         got: TCP 8080 from reporting/dash to ml-training/bert    expected: DENIED',
        '         by  NetworkPolicy ml-training/bert: ingress[0]  dist/llm-serving.k8s.yaml:9',
        'UNKNOWN  deny reporting/* -> mlflow/*    flows.yaml:6',
        '         got: UNKNOWN: pod-address    expected: DENIED',
        '3 assertions: 1 passed, 1 failed, 1 unknown. 3 workloads, 5 policies, 2 namespaces. not analyzed: none',
        '',
      ].join('\n'),
    );
    expect(shown(asserted(), { all: true })).toContain('passed  allow ml-training/bert');
  });

  it('says the same words with and without colour', () => {
    const colored = shown(lint([finding()]), { color: true });
    expect(colored).toContain('\u001b[31m');
    expect(stripVTControlCharacters(colored)).toBe(shown(lint([finding()])));
  });
});
