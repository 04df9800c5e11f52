/** Requests that a proxy limits: of callers by address, and tokens of pods that nobody isolates. */
import { App, Yaml } from 'cdk8s';
import type { Chart } from 'cdk8s';
import {
  ClusterProfile,
  DefaultDeny,
  Http,
  Identity,
  Isolation,
  JwtAuthentication,
  Mesh,
  MeshMembership,
  MlNamespace,
  Peer,
  Port,
  Workload,
} from '../../src';
import { validateTree } from '../../src/constructs/validate';
import { prove } from '../../src/proof/proof';
import { chartOf } from '../support/synth';
import { contextOf, objectsOf } from './mutation';

const MESHES = [
  ['sidecar', Mesh.sidecar()],
  ['ambient', Mesh.ambient()],
] as const;

interface Serving {
  readonly chart: Chart;
  readonly api: Workload;
}

function serving(mesh: Mesh, isolated: boolean): Serving {
  const chart = chartOf(ClusterProfile.kubeadm({ mesh }));
  const namespace = new MlNamespace(chart, 'llm-serving');
  if (isolated) new DefaultDeny(chart, 'deny', { namespace });
  const api = new Workload(chart, 'model-api', {
    namespace,
    labels: { app: 'model-api' },
    serviceAccount: 'model-api',
    ports: [Port.http(8080)],
    services: [{ name: 'model-api', ports: [{ port: 80, targetPort: 8080 }] }],
  });
  return { chart, api };
}

/** A callee behind a sidecar, and addresses that may send it some requests. */
function toAddresses(): Chart {
  const { chart, api } = serving(Mesh.sidecar(), true);
  const http = [Http.get('/v1/models')];
  api.allowFrom(Peer.cidr('203.0.113.0/24'), {
    ports: [Port.http(8080)],
    http,
    reason: 'catalogue',
  });
  return chart;
}

function withTokens(mesh: Mesh): Chart {
  const { chart, api } = serving(mesh, false);
  new JwtAuthentication(chart, 'tokens', {
    ...{ workload: api, issuer: 'https://idp.example.com/' },
    jwksUri: 'https://idp.example.com/keys',
  });
  return chart;
}

/** What the proof says of the YAML, after one text of it became another one. */
function problemsOf(chart: Chart, was = '', becomes = ''): string {
  const app = App.of(chart);
  expect(validateTree(app)).toEqual([]);
  const written = objectsOf(app);
  const text = Yaml.stringify(...written);
  expect(text).toContain(was);
  const { problems } = prove(contextOf(app), [
    { file: 'dist.yaml', text: text.replaceAll(was, becomes) },
  ]);
  return problems.map(({ got }) => String(got)).join('\n');
}

test('requests of addresses as they were declared are no difference', () => {
  expect(problemsOf(toAddresses())).toBe('');
});

test('other requests of addresses are a widening, and the declared ones are missing', () => {
  const problems = problemsOf(toAddresses(), '/v1/models', '/admin');
  expect(problems).toMatch(/203\.0\.113\.0\/24.*TCP 8080 GET \/admin is allowed/);
  expect(problems).toMatch(/203\.0\.113\.0\/24.*TCP 8080 GET \/v1\/models is denied/);
});

test('addresses that no proxy lets in are missing', () => {
  const problems = problemsOf(toAddresses(), 'action: ALLOW', 'action: DENY');
  expect(problems).toMatch(/203\.0\.113\.0\/24.*GET \/v1\/models is denied/);
});

test('a limit that a waiver gives up, where no waypoint is, is no difference', () => {
  const chart = chartOf(ClusterProfile.kubeadm({ mesh: Mesh.ambient() }));
  const isolation = Isolation.INGRESS;
  const namespace = MlNamespace.existing(chart, 'jobs', { name: 'jobs', isolation });
  const [store, api] = [namespace, new MlNamespace(chart, 'llm-serving')].map((home, index) => {
    const labels = { app: `app-${String(index)}` };
    const ports = [Port.http(8080)];
    return new Workload(chart, `app-${String(index)}`, {
      ...{ namespace: home, mesh: MeshMembership.IN, serviceAccount: 'app' },
      ...{ labels, ports },
    });
  });
  if (store === undefined || api === undefined) throw new Error('no workloads');
  const http = [Http.get('/v1/features')];
  store.allowFrom(api, { http, withoutMesh: 'l4', reason: 'features' });
  expect(problemsOf(chart)).toBe('');
});

test.each(MESHES)('tokens of pods that nobody isolates are no difference: %s', (_, mesh) => {
  expect(problemsOf(withTokens(mesh))).toBe('');
});

test.each(MESHES)('requests without the token are a widening: %s', (_, mesh) => {
  const problems = problemsOf(withTokens(mesh), 'action: DENY', 'action: AUDIT');
  expect(problems).toMatch(/model-api TCP 8080 .*is allowed/);
});

test.each(MESHES)('tokens that nobody reads are missing: %s', (_, mesh) => {
  const problems = problemsOf(withTokens(mesh), 'kind: RequestAuthentication', 'kind: Other');
  expect(problems).toMatch(/model-api TCP 8080 .*is denied/);
});

test('an account by the name of waypoints is one caller as any other', () => {
  const { chart, api } = serving(Mesh.sidecar(), true);
  const [trainer, waypoint] = ['trainer', 'waypoint'].map((name) =>
    Identity.serviceAccount('jobs', name),
  );
  if (trainer === undefined || waypoint === undefined) throw new Error('no identities');
  api.allowFrom(trainer, { ports: [Port.http(8080)], reason: 'scores' });
  api.allowFrom(waypoint, { ports: [Port.http(9090)], reason: 'scores' });
  expect(problemsOf(chart)).toBe('');
  const problems = problemsOf(chart, 'jobs/trainer', 'jobs/waypoint');
  expect(problems).toMatch(/as waypoint -> .*model-api TCP 8080 .*is allowed/);
});
