import { MlPlatform } from 'cdk8s-ml-netpol';
import type { Variant } from './cluster';
import { clusterOf } from './cluster';
import { Sensitive } from './sensitive';
import { Serving } from './serving';
import { Training } from './training';

/** The whole platform for one kind of mesh, written below `outdir`. */
export function mlMesh(variant: Variant, outdir: string): MlPlatform {
  const platform = new MlPlatform({ cluster: clusterOf(variant), outdir });
  new Serving(platform, 'ml-serving');
  new Training(platform, 'ml-training', { jobsInMesh: variant !== 'sidecar' });
  new Sensitive(platform, 'ml-sensitive');
  return platform;
}
