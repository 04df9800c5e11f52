import { Cni, ClusterProfile, MlPlatform, PlatformBaseline, MlNamespace } from 'cdk8s-ml-netpol';
import { Chart } from 'cdk8s';

/** The list that the platform team edits: a namespace a line. */
const ML_NAMESPACES = ['financial-ml', 'new-ml-project'];

/** Calico enforces NetworkPolicy; there is no mesh. */
export const CLUSTER = ClusterProfile.generic({ cni: Cni.CALICO });

/** What the platform team owns: namespaces, isolation, DNS and the way to and from Seldon. */
export function seldonPlatform(outdir: string): MlPlatform {
  const platform = new MlPlatform({ cluster: CLUSTER, outdir });
  const chart = new Chart(platform, 'seldon-baseline');
  const seldonSystem = MlNamespace.fromName(chart, 'seldon-system', 'seldon-system');
  new PlatformBaseline(chart, 'baseline', {
    namespaces: ML_NAMESPACES,
    owner: 'platform',
    version: '1.0.0',
    platformPeers: [seldonSystem],
  });
  return platform;
}
