/**
 * What do tests about a workload's requests start from? A model API with a stable and a canary
 * variant, a rate-limit service of the platform team's, and whatever a test declares about them.
 */

import { ApiObject, App, Chart } from 'cdk8s';
import type { MeshMembership, WorkloadProps } from '../../src';
import { ClusterProfile, Mesh, MlNamespace, Port, PortPurpose, Workload } from '../../src';
import { treeOf } from '../../src/constructs/tree';
import { validateTree } from '../../src/constructs/validate';
import { modelProblems } from '../../src/render/problems';
import { checkIstioObject } from '../../src/values/istio';
import type { Problem } from '../../src/values/problem';

export interface Serving {
  readonly app: App;
  readonly chart: Chart;
  readonly namespace: MlNamespace;
  readonly api: Workload;
  /** Counts requests, in a namespace of others. */
  readonly ratelimit: Workload;
}

export interface ServingOptions {
  readonly mesh?: Mesh;
  /** Of the model API. */
  readonly membership?: MeshMembership;
  /** Instead of those that the model API has. */
  readonly props?: Partial<WorkloadProps>;
  readonly ratelimit?: Partial<WorkloadProps>;
  readonly clusterDomain?: string;
  readonly profileLast?: boolean;
}

/** Port 80 of the Service leads to the HTTP port 8080. */
const MODEL_API = {
  labels: { app: 'model-api' },
  serviceAccount: 'model-api',
  ports: [Port.http(8080)],
  services: [{ name: 'model-api', ports: [{ port: 80, targetPort: 8080, name: 'http' }] }],
  variants: { stable: { version: 'v1-stable' }, canary: { version: 'v2-canary' } },
};

export const METRICS = Port.http(9090, { purpose: PortPurpose.METRICS });

export function serving(
  declare: (serving: Serving) => void = () => undefined,
  options: ServingOptions = {},
): Serving {
  const { mesh = Mesh.sidecar(), membership, props, clusterDomain } = options;
  const { profileLast = false } = options;
  const app = new App();
  const profile = ClusterProfile.kubeadm({ mesh, clusterDomain });
  if (!profileLast) ClusterProfile.provide(app, profile);
  const chart = new Chart(app, 'chart', { disableResourceNameHashes: true });
  const namespace = new MlNamespace(chart, 'llm-serving', { module: 'serving' });
  const api = new Workload(chart, 'model-api', {
    namespace,
    ...MODEL_API,
    mesh: membership,
    ...props,
  });
  const ratelimit = new Workload(chart, 'ratelimit', {
    namespace: MlNamespace.fromName(chart, 'istio-system', 'istio-system'),
    labels: { app: 'ratelimit' },
    ports: [Port.http(8080), Port.grpc(8081)],
    services: [{ name: 'ratelimit', ports: [{ port: 8080 }, { port: 8081 }] }],
    ...options.ratelimit,
  });
  const told = { app, chart, namespace, api, ratelimit };
  declare(told);
  if (profileLast) ClusterProfile.provide(app, profile);
  return told;
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: unknown;
}

/** Everything that is written for a tree without problems; of one kind, if it is named. */
export function written({ app }: Serving, kind?: string): Manifest[] {
  expect(validateTree(app)).toEqual([]);
  return app.node
    .findAll()
    .filter((node) => ApiObject.isApiObject(node))
    .map((object) => JSON.parse(JSON.stringify(object.toJson())) as Manifest)
    .filter((one) => kind === undefined || one.kind === kind)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** The only object of a kind. */
export function theOnly(told: Serving, kind: string): Manifest {
  const [only, ...others] = written(told, kind);
  expect(others).toEqual([]);
  if (only === undefined) throw new Error(`no ${kind} is written`);
  return only;
}

/** Everything that Istio has to say about an object, but that an EnvoyFilter is one. */
export function saidByIstio(manifest: Manifest): unknown {
  return checkIstioObject(manifest);
}

/** What synth says is wrong, and that it says so. */
export function problems({ app }: Serving): Problem[] {
  const { model } = treeOf(app);
  const found = modelProblems({ model, profile: ClusterProfile.of(app)._data }, '2026-01-01');
  expect(validateTree(app)).toHaveLength(new Set(found.map((one) => JSON.stringify(one))).size);
  return found;
}

function keyOf({ kind, metadata: { namespace = '', name } }: Manifest): string {
  return JSON.stringify([kind, namespace, name]);
}
