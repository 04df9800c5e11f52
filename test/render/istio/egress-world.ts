/**
 * A platform in a sidecar mesh that leaves the cluster: what is declared in a chart, as manifests
 * and problems.
 */

import { ApiObject, App, Chart } from 'cdk8s';
import {
  ClusterProfile,
  DefaultDeny,
  DnsEgress,
  Mesh,
  MlNamespace,
  Workload,
  type ClusterProfileOptions,
  type IMlNamespace,
  type WorkloadProps,
} from '../../../src';
import { treeOf } from '../../../src/constructs/tree';
import { validateTree } from '../../../src/constructs/validate';
import { modelProblems } from '../../../src/render/problems';
import { waiversOf } from '../../../src/render/traffic-model-file';
import { checkIstioObject, isIstioObject } from '../../../src/values/istio';
import type { Attempt, Caller } from '../../naive/istio-egress';
import type { Manifest } from '../../naive/load-yaml';

export const PROFILE: ClusterProfileOptions = {
  mesh: Mesh.sidecar(),
  podRanges: ['10.244.0.0/16'],
  serviceRanges: ['10.96.0.0/12'],
  nodeRanges: ['10.0.0.0/24'],
  apiServer: { addresses: ['10.0.0.10/32'], ports: [6443] },
};

export const why = { reason: 'base model download' };
export const inference: Caller = { namespace: 'ml-serving', labels: { app: 'inference' } };
export const loader: Caller = { namespace: 'ml-serving', labels: { app: 'loader' } };
export const stranger: Caller = { namespace: 'ml-serving', labels: { app: 'stranger' } };

export const tls = (host: string, port = 443): Attempt => ({ host, port, speaks: 'tls' });
export const tcp = (ip: string, port: number): Attempt => ({ ip, port, speaks: 'tcp' });

/** Two workloads of one isolated namespace. */
export function serving(chart: Chart): { inference: Workload; loader: Workload } {
  const namespace = isolated(chart, 'ml-serving');
  return {
    inference: workload(chart, namespace, 'inference'),
    loader: workload(chart, namespace, 'loader'),
  };
}

export interface Written {
  readonly manifests: readonly Manifest[];
  readonly texts: readonly string[];
  readonly codes: readonly string[];
  readonly waivers: readonly string[];
  /** What Istio would say about the objects, errors and warnings. */
  readonly objections: readonly string[];
}

/** Everything that a chart's declarations become; facts of the cluster may be replaced. */
export function written(
  build: (chart: Chart) => void,
  { profileLast = false, ...facts }: ClusterProfileOptions & { profileLast?: boolean } = {},
): Written {
  const app = new App();
  const profile = ClusterProfile.kubeadm({ ...PROFILE, ...facts });
  if (!profileLast) ClusterProfile.provide(app, profile);
  build(new Chart(app, 'platform'));
  if (profileLast) ClusterProfile.provide(app, profile);
  const texts = validateTree(app);
  const { model } = treeOf(app);
  const data = ClusterProfile.of(app)._data;
  const codes = modelProblems({ model, profile: data }, '2026-01-01').map(({ code }) => code);
  const objects = app.node.findAll().filter((node) => ApiObject.isApiObject(node));
  const manifests =
    texts.length > 0
      ? []
      : objects.map((object) => JSON.parse(JSON.stringify(object.toJson())) as Manifest);
  return {
    manifests,
    texts,
    codes: [...new Set(codes)].sort(),
    waivers: waiversOf(model, data).map(({ what }) => what),
    objections: manifests
      .filter(isIstioObject)
      .flatMap((manifest) =>
        checkIstioObject(manifest).map(
          ({ severity, field, expected }) =>
            `${severity} ${manifest.kind} ${manifest.metadata.name} ${field}: ${expected}`,
        ),
      ),
  };
}

/** A namespace of ours, isolated both ways, with DNS. */
export function isolated(chart: Chart, name: string): IMlNamespace {
  const namespace = new MlNamespace(chart, name);
  new DefaultDeny(chart, `${name}-deny`, { namespace });
  new DnsEgress(chart, `${name}-dns`, { namespace });
  return namespace;
}

export function workload(
  chart: Chart,
  namespace: IMlNamespace,
  name: string,
  props: Partial<WorkloadProps> = {},
): Workload {
  const labels = { app: name };
  return new Workload(chart, name, { namespace, labels, serviceAccount: name, ...props });
}

export function specOf(
  manifests: readonly Manifest[],
  kind: string,
  name: string,
): Record<string, unknown> | undefined {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
  return found?.['spec'] as Record<string, unknown> | undefined;
}

export function namesOf(manifests: readonly Manifest[], kind: string): string[] {
  return manifests
    .filter((one) => one.kind === kind)
    .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)
    .sort();
}
