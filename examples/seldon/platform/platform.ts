import { Chart } from 'cdk8s';
import { MlNamespace, MlPlatform, PlatformBaseline } from 'cdk8s-ml-netpol';
import type { ClusterProfile } from 'cdk8s-ml-netpol';
import { CLUSTER } from '../cluster';

/** The list that the platform team edits: a namespace a line. */
const ML_NAMESPACES = ['financial-ml', 'new-ml-project'];

/** What the platform team owns: namespaces, isolation, DNS and the way to and from Seldon. */
export function seldonPlatform(outdir: string, cluster: ClusterProfile = CLUSTER): MlPlatform {
  const platform = new MlPlatform({ cluster, outdir });
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
