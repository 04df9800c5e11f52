/**
 * Google Kubernetes Engine. Autopilot has Dataplane V2, Standard has it or Calico or nothing, so
 * the CNI stays unknown.
 *
 * DNS: kube-dns behind NodeLocal DNSCache, which is on by default in Autopilot and in new Standard
 * clusters (https://cloud.google.com/kubernetes-engine/docs/how-to/nodelocal-dns-cache); under
 * Dataplane V2 the cache is a pod with a label of its own (gke-labs/kube-agents#162,
 * cilium/cilium:examples/kubernetes-local-redirect/node-local-dns.yaml). Without Dataplane V2 the
 * cache listens on the address of the DNS Service: `withNodeLocal({ clusterIp })`. Cloud DNS without
 * the cache: `ClusterDns.gkeCloudDns()`.
 *
 * Metadata: iptables sends 169.254.169.254:80 to 169.254.169.252:988 before policy is asked, so an
 * exception for the first alone closes nothing (kubernetes/kubernetes#68078, and the comments of
 * gke-labs/kube-agents:k8s-operator/internal/controller); the IPv6 address is from there too.
 *
 * Webhooks are called through konnectivity agents (tigera/operator#5212).
 */
import { Cni } from '../cni';
import { ClusterDns } from '../dns';
import type { ProfileDefaults } from './defaults';
import { INSTANCE_METADATA } from './defaults';

export const GKE: ProfileDefaults = {
  name: 'gke',
  cni: Cni.UNKNOWN,
  dns: ClusterDns.union(
    ClusterDns.kubeDns(),
    ClusterDns.pods({ namespace: 'kube-system', labels: { 'k8s-app': 'node-local-dns' } }),
  ).withNodeLocal(),
  apiServerPorts: [443],
  webhookCallers: { namespace: 'kube-system', labels: { 'k8s-app': 'konnectivity-agent' } },
  metadataAddresses: [INSTANCE_METADATA, '169.254.169.252', 'fd20:ce::254'],
};
