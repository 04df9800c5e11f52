/** What the mesh between two workloads makes of ports, callers and ways, from YAML to the verdict. */
import { ask } from '../../src/engine/ask';
import type { QuestionEnd } from '../../src/engine/question';
import { World } from '../../src/engine/world';
import { clusterOf } from '../../src/read/cluster-of';
import { readText } from '../../src/read/read-text';

interface Story {
  /** Labels of the namespaces of caller and callee; empty: no manifest shows the namespace. */
  readonly from?: string;
  readonly to?: string;
  /** Of the Service port; undefined: no Service. */
  readonly port?: string;
  readonly more?: string;
}

const INJECTED = 'istio-injection: enabled';
const AMBIENT = 'istio.io/dataplane-mode: ambient';
const end = (id: string): QuestionEnd => ({ kind: 'workload', id });

function verdict(
  { from = INJECTED, to = INJECTED, port, more = '' }: Story,
  number = 8080,
): string {
  const pods = [
    ['jobs', 'bert', from],
    ['serving', 'api', to],
  ].map(
    ([namespace, name, labels]) => `${
      labels === ''
        ? ''
        : `---
apiVersion: v1
kind: Namespace
metadata: { name: ${String(namespace)}, labels: { ${String(labels)} } }
`
    }---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${String(name)}, namespace: ${String(namespace)} }
spec: { template: { metadata: { labels: { app: ${String(name)} } }, spec: { containers: [] } } }
`,
  );
  const service =
    port === undefined
      ? ''
      : `---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: serving }
spec: { selector: { app: api }, ports: [{ port: 80, targetPort: 8080, ${port} }] }
`;
  const read = readText('all.yaml', pods.join('') + service + more);
  expect(read.problems).toEqual([]);
  const question = { protocol: 'TCP', port: number } as const;
  const answer = ask(new World(clusterOf(read)), {
    ...question,
    from: end('jobs/Deployment/bert'),
    to: end('serving/Deployment/api'),
  });
  return [answer.verdict, ...answer.unknown].join(' ');
}

const policy = (kind: string, spec: string): string => `---
apiVersion: security.istio.io/v1
kind: ${kind}
metadata: { name: policy, namespace: serving }
spec: ${spec}
`;
const DENY_DELETE = policy(
  'AuthorizationPolicy',
  '{ action: DENY, rules: [{ to: [{ operation: { methods: [DELETE] } }] }] }',
);
const STRICT = policy('PeerAuthentication', '{ mtls: { mode: STRICT } }');

describe('requests are seen where the port says so', () => {
  test.each([
    ['a name with http', 'name: http-api', 'ALLOWED'],
    ['a name with grpc', 'name: grpc', 'ALLOWED'],
    ['a name with tcp', 'name: tcp-api', 'DENIED'],
    ['appProtocol before the name', 'name: tcp-api, appProtocol: http', 'ALLOWED'],
    ['appProtocol of TLS', 'name: http-api, appProtocol: tls', 'DENIED'],
    ['any other name, both readings', 'name: api', 'UNKNOWN port-protocol'],
  ])('%s', (_, port, expected) => {
    // where bytes are seen, DENY loses its method and denies everybody
    expect(verdict({ port, more: DENY_DELETE })).toBe(expected);
  });

  test('no Service, both readings', () => {
    expect(verdict({ more: DENY_DELETE })).toBe('UNKNOWN port-protocol');
  });
});

describe('callers', () => {
  test('from outside the mesh meet STRICT', () => {
    expect(verdict({ from: 'team: ml', more: STRICT })).toBe('DENIED');
    expect(verdict({ more: STRICT })).toBe('ALLOWED');
  });

  test('pods outside the mesh are held by no policy of it', () => {
    expect(verdict({ to: 'team: ml', more: STRICT })).toBe('ALLOWED');
  });
});

describe('what nobody shows', () => {
  const namespaces = (name: string): string =>
    policy('AuthorizationPolicy', `{ rules: [{ from: [{ source: { namespaces: [${name}] } }] }] }`);

  const port = 'name: http';

  test('may join the caller to the mesh', () => {
    const from = '';
    expect(verdict({ from, port, more: namespaces('jobs') })).toBe('UNKNOWN caller-identity');
    expect(verdict({ from, port, more: STRICT })).toBe('UNKNOWN mesh-membership');
  });

  test('may join the callee to the mesh', () => {
    const to = '';
    expect(verdict({ to, port, more: namespaces('other') })).toBe('UNKNOWN mesh-membership');
  });
});

describe('an ambient mesh', () => {
  const network = (port: number): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: in, namespace: serving }
spec: { podSelector: {}, ingress: [{ ports: [{ port: ${String(port)} }] }] }
`;

  test('shows NetworkPolicy TCP 15008 and no other port', () => {
    const both = { from: AMBIENT, to: AMBIENT };
    expect(verdict({ ...both, more: network(8080) })).toBe('DENIED');
    expect(verdict({ ...both, more: network(15008) })).toBe('ALLOWED');
    expect(verdict({ ...both, more: network(15008) }, 22)).toBe('ALLOWED');
  });

  test('leaves callers outside it the port that they call', () => {
    expect(verdict({ from: 'team: ml', to: AMBIENT, more: network(8080) })).toBe('ALLOWED');
    expect(verdict({ from: 'team: ml', to: AMBIENT, more: network(15008) })).toBe('DENIED');
  });

  test('may be called by sidecars on either port', () => {
    const mixed = { from: INJECTED, to: AMBIENT };
    expect(verdict({ ...mixed, more: network(8080) })).toBe('UNKNOWN mesh-membership');
    expect(verdict({ ...mixed, more: network(15008) })).toBe('UNKNOWN mesh-membership');
    expect(verdict({ ...mixed, more: network(22) })).toBe('DENIED');
  });
});

test('REGISTRY_ONLY takes nothing from what pods reach', () => {
  const more = `---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: jobs }
spec: { outboundTrafficPolicy: { mode: REGISTRY_ONLY }, egress: [{ hosts: [./*] }] }
`;
  expect(verdict({ more })).toBe('ALLOWED');
});
