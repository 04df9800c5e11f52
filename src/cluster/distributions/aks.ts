/**
 * Azure Kubernetes Service. The policy engine is chosen when the cluster is made, and none is one
 * of the choices, so the CNI stays unknown.
 *
 * DNS: CoreDNS labelled as kube-dns, and LocalDNS, the resolver that kubelet names where it is
 * switched on (Azure/AgentBaker:parts/linux/cloud-init/artifacts/localdns.sh).
 *
 * Metadata: the instance's own, and the wire server of the host node, which is a public address
 * (https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
 *
 * Webhooks are called through konnectivity agents, whose label differs from GKE's
 * (tigera/operator#5212); with API server VNet integration they are called directly.
 */
import { Cni } from '../cni';
import { ClusterDns } from '../dns';
import type { ProfileDefaults } from './defaults';
import { INSTANCE_METADATA } from './defaults';

export const AKS: ProfileDefaults = {
  name: 'aks',
  cni: Cni.UNKNOWN,
  dns: ClusterDns.kubeDns().withNodeLocal({ address: '169.254.10.11' }),
  apiServerPorts: [443],
  webhookCallers: { namespace: 'kube-system', labels: { app: 'konnectivity-agent' } },
  metadataAddresses: [INSTANCE_METADATA, '168.63.129.16'],
};
