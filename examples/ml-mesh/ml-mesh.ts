import { MlPlatform } from 'cdk8s-ml-netpol';
import type { MlCluster } from './cluster';
import { Sensitive } from './sensitive';
import { Serving } from './serving';
import { Training } from './training';

/** Three namespaces, each as isolated as its data needs. */
export function mlMesh(cluster: MlCluster, outdir: string): MlPlatform {
  const platform = new MlPlatform({ cluster: cluster.profile, outdir });
  new Serving(platform, 'ml-serving');
  new Training(platform, 'ml-training', cluster);
  new Sensitive(platform, 'ml-sensitive');
  return platform;
}
