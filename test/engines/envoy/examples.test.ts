/** What the examples' policies say of requests, held against Envoy: everybody asks every port. */
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { Environment } from 'cdk8s-ml-netpol';
import { mlMesh } from '../../../examples/ml-mesh/ml-mesh';
import { practicus } from '../../../examples/practicus/practicus';
import type { Cluster, IstioFacts, WorkloadFacts } from '../../../src/read/cluster';
import { clusterOf } from '../../../src/read/cluster-of';
import { readPaths } from '../../../src/read/files';
import type { MeshPod, MeshRequest, Token } from '../../naive/istio-world';
import type { Manifest } from '../../naive/load-yaml';
import { describeEngine, needsGo, needsNetworkNamespaces } from '../harness/needs';
import { Run } from '../harness/run';
import { needsEnvoy } from './package';
import type { Story } from './stories';
import { cellsOf, tallied } from './stories';

// the other examples write no rules about requests
const METHODS = ['GET', 'POST', 'DELETE'];

const STRANGER: MeshPod = {
  namespace: 'strangers',
  name: 'stranger',
  serviceAccount: 'stranger',
  inMesh: true,
  httpPorts: [],
  ip: '10.0.250.1',
};

function storiesOf(cluster: Cluster): Story[] {
  const pods = cluster.workloads.flatMap(podOf);
  const policies = [
    ...cluster.authorizationPolicies,
    ...cluster.peerAuthentications,
    ...cluster.requestAuthentications,
  ];
  const manifests = policies.map(({ resource }) => resource.object as unknown as Manifest);
  const callers = [...pods, STRANGER, { ...STRANGER, name: 'plain', inMesh: false }];
  const asks = requestsOf(policies);
  return pods
    .filter(({ inMesh, httpPorts }) => inMesh && httpPorts.length > 0)
    .map((to): Story => ({
      manifests,
      requests: to.httpPorts.flatMap((port) =>
        callers.flatMap((from) => asks.map((ask): MeshRequest => ({ ...ask, from, to, port }))),
      ),
      says: true,
    }));
}

function podOf({ namespace, name, pods }: WorkloadFacts, index: number): MeshPod[] {
  const [first] = pods;
  if (first === undefined) return [];
  return [
    {
      namespace,
      name,
      labels: first.labels,
      serviceAccount: first.serviceAccount,
      inMesh: first.inMesh ?? true,
      httpPorts: first.ports.filter(isHttp).map(({ port }) => port),
      ip: `10.0.${100 + (index >> 8)}.${index & 255}`,
    },
  ];
}

function isHttp({ appProtocol = 'http' }: WorkloadFacts['pods'][number]['ports'][number]): boolean {
  return /^(http|grpc)/.test(appProtocol);
}

/** Every path and issuer that a rule names, and others. */
function requestsOf(
  policies: readonly IstioFacts[],
): Pick<MeshRequest, 'method' | 'path' | 'jwt'>[] {
  const text = JSON.stringify(policies.map(({ spec }) => spec));
  const listed = [...text.matchAll(/"(?:notP|p)aths":\[([^\]]*)\]/g)].flatMap(
    ([, list = '']) => JSON.parse(`[${list}]`) as string[],
  );
  const written = listed.map((one) => one.replace(/\{?\*+\}?/g, 'x'));
  const paths = [...new Set(['/', '/other', ...written, ...written.map((one) => `/x/..${one}`)])];
  const issuers = [
    ...new Set([...text.matchAll(/"issuer":"([^"]*)"/g)].map(([, one = '']) => one)),
  ];
  const tokens = issuers.flatMap((issuer): Token[] => [
    { issuer, subject: 'alice', audiences: [], valid: true },
    { issuer, subject: 'alice', audiences: [], valid: false },
  ]);
  return [
    ...paths.flatMap((one) => METHODS.map((method) => ({ method, path: one }))),
    ...tokens.flatMap((jwt) => paths.map((one) => ({ method: 'POST', path: one, jwt }))),
  ];
}

describeEngine('envoy', [needsGo, needsNetworkNamespaces, needsEnvoy], () => {
  let run: Run;
  beforeAll(() => {
    run = new Run();
  });
  afterAll(() => run.end());

  test.each([
    ['practicus', (folder: string) => practicus(Environment.PROD, folder)],
    ['ml-mesh', (folder: string) => mlMesh('sidecar', folder)],
  ])('requests of everybody in %s', async (name, make) => {
    const folder = mkdtempSync(path.join(run.folder, 'example-'));
    make(folder).synth();
    const stories = storiesOf(clusterOf(readPaths([folder])));
    const cells = await cellsOf(run, stories);
    // a table of refusals alone would prove little
    const words = new Set(cells.flatMap((cell) => ('skipped' in cell ? [] : cell.theirs)));
    expect([...words].sort()).toEqual(['ALLOWED', 'DENIED']);
    tallied(`example ${name}`, cells);
  });
});
