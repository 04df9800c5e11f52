/** What no manifest shows of the cluster, and what differs between the meshes. */
import { ClusterProfile, Mesh, MeshMembership, PodGroup } from 'cdk8s-ml-netpol';

export const POD_RANGE = '10.244.0.0/16';
export const SERVICE_RANGE = '10.96.0.0/12';

/** A cluster, and whether its training pods take part in the mesh. */
export interface MlCluster {
  readonly profile: ClusterProfile;
  readonly training: MeshMembership;
}

const MESHES = { none: Mesh.none(), sidecar: Mesh.sidecar(), ambient: Mesh.ambient() };

/** The cluster with one of the three meshes. */
export function clusterWith(name: string): MlCluster {
  const mesh = Object.entries(MESHES).find(([known]) => known === name)?.[1];
  if (mesh === undefined) {
    throw new Error(`no mesh ${name}: there are ${Object.keys(MESHES).join(', ')}`);
  }
  return {
    profile: ClusterProfile.generic({
      mesh,
      podRanges: [POD_RANGE],
      serviceRanges: [SERVICE_RANGE],
      gateway: PodGroup.istioIngressGateway({ labels: { istio: 'ingressgateway' } }),
      monitoring: PodGroup.of({
        ...{ name: 'prometheus', namespace: 'monitoring', labels: { app: 'prometheus' } },
        inMesh: false,
      }),
    }),
    // a sidecar would keep a training job from ending and is in the way of its data
    training: name === 'sidecar' ? MeshMembership.OUT : MeshMembership.IN,
  };
}
