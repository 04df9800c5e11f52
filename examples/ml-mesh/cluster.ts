/**
 * The cluster: its address ranges, and the mesh that is the one thing variants differ in.
 */
import { ClusterProfile, Mesh } from 'cdk8s-ml-netpol';

export const POD_RANGE = '10.244.0.0/16';
export const SERVICE_RANGE = '10.96.0.0/12';

/** Every variant of the example by its name. */
export const MESHES = {
  sidecar: Mesh.sidecar(),
  ambient: Mesh.ambient(),
  none: Mesh.none(),
} as const;

export type Variant = keyof typeof MESHES;

export function clusterOf(variant: Variant): ClusterProfile {
  return ClusterProfile.generic({
    mesh: MESHES[variant],
    podRanges: [POD_RANGE],
    serviceRanges: [SERVICE_RANGE],
  });
}

/** The variant of that name, for what comes from outside. */
export function variantNamed(name: string): Variant {
  if (name in MESHES) return name as Variant;
  throw new Error(`no variant ${name}: there is ${Object.keys(MESHES).join(', ')}`);
}
