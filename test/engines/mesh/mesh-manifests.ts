/** Pods with sidecars and what makes them found, as a cluster's controllers would write it. */

import type { MeshPod } from '../../naive/istio-world';
import type { World } from '../../naive/world';
import type { Manifest } from '../apiserver/api-client';
import { manifestsOf } from '../felix/manifests';

export interface Port {
  readonly name: string;
  readonly port: number;
}

/** Pods behind one address. */
export interface MeshService {
  readonly namespace: string;
  readonly name: string;
  readonly clusterIP: string;
  readonly ports: readonly Port[];
  readonly pods: readonly MeshPod[];
}

/** A world whose pods have accounts, and sidecars where they are in the mesh. */
export function meshManifestsOf(world: World, pods: readonly MeshPod[]): Manifest[] {
  return manifestsOf(world).map((manifest) => {
    if (manifest['kind'] !== 'Pod') return manifest;
    const [metadata, spec] = [manifest['metadata'], manifest['spec']] as [Manifest, Manifest];
    const pod = pods.find(
      ({ namespace, name }) => namespace === metadata['namespace'] && name === metadata['name'],
    );
    if (pod === undefined) return manifest;
    const status = manifest['status'] as Manifest;
    return {
      ...manifest,
      metadata: pod.inMesh ? injected(metadata) : metadata,
      spec: { ...spec, serviceAccountName: pod.serviceAccount ?? 'default' },
      status: { ...status, conditions: [{ type: 'Ready', status: 'True' }] },
    };
  });
}

/** As the injector marks it. */
function injected(metadata: Manifest): Manifest {
  const labels = metadata['labels'] as Manifest;
  return {
    ...metadata,
    labels: { ...labels, 'security.istio.io/tlsMode': 'istio' },
    annotations: { 'sidecar.istio.io/status': '{}' },
  };
}

/** With its endpoints: there is no controller that would look for them. */
export function serviceManifests({ namespace, name, clusterIP, ports, pods }: MeshService) {
  const [first] = pods;
  const service: Manifest = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: {
      clusterIP,
      selector: first?.labels ?? {},
      ports: ports.map((one) => ({ ...one, targetPort: one.port })),
    },
  };
  const slice: Manifest = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: ports.map((one) => ({ ...one, protocol: 'TCP' })),
    endpoints: pods.map((pod) => ({
      addresses: [pod.ip],
      conditions: { ready: true },
      targetRef: { kind: 'Pod', name: pod.name, namespace },
    })),
  };
  return [service, slice];
}
