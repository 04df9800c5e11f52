/** What the library writes for the cast: Istio's objects of constructs, without the network's. */

import { App, Chart, Testing } from 'cdk8s';
import { ClusterProfile, Mesh, MlNamespace, Port, Workload } from 'cdk8s-ml-netpol';
import type { Manifest } from '../../naive/load-yaml';
import { CLIENT, PORT, SERVER } from './cast';

export interface Declared {
  readonly chart: Chart;
  readonly server: Workload;
  readonly client: Workload;
}

export function istioObjects(declare: (declared: Declared) => void): Manifest[] {
  const app = new App();
  const mesh = Mesh.sidecar();
  const profile = ClusterProfile.kubeadm({ mesh, serviceRanges: ['10.96.0.0/12'] });
  ClusterProfile.provide(app, profile);
  const chart = new Chart(app, 'mesh');
  const server = new Workload(chart, 'server', {
    namespace: new MlNamespace(chart, SERVER.namespace),
    labels: { app: 'server' },
    serviceAccount: 'server',
    ports: [Port.http(PORT, { name: 'http' })],
    services: [{ name: 'server', ports: [{ port: PORT, name: 'http' }] }],
    variants: { stable: { version: 'v1' }, canary: { version: 'v2' } },
  });
  const client = new Workload(chart, 'client', {
    namespace: new MlNamespace(chart, CLIENT.namespace),
    labels: { app: 'client' },
    serviceAccount: 'client',
  });
  declare({ chart, server, client });
  const all = Testing.synth(chart) as Manifest[];
  return all.filter(({ apiVersion }) => apiVersion.includes('istio.io'));
}
