import { ClusterProfile, Cni } from 'cdk8s-ml-netpol';

/** What both repositories know of the cluster: Calico enforces NetworkPolicy, there is no mesh. */
export const CLUSTER = ClusterProfile.generic({ cni: Cni.CALICO });
