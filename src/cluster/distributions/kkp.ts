/**
 * User clusters of the Kubermatic Kubernetes Platform. The CNI is Canal, Cilium or none, chosen
 * when the cluster is made, so it stays unknown.
 *
 * DNS: pods ask NodeLocal DNSCache unless it was switched off, and CoreDNS carries the name
 * kube-dns in another label than elsewhere (kubermatic/kubermatic:
 * pkg/controller/user-cluster-controller-manager/resources/resources/core-dns/deployment.go and
 * node-local-dns/configmap.go).
 *
 * The API server runs in the seed cluster, on 6443 (pkg/resources/resources.go) or, with expose
 * strategy NodePort, on a port of its own, which `apiServer.ports` then has to say.
 */
import { Cni } from '../cni';
import { ClusterDns } from '../dns';
import type { ProfileDefaults } from './defaults';
import { INSTANCE_METADATA } from './defaults';

export const KKP: ProfileDefaults = {
  name: 'kkp',
  cni: Cni.UNKNOWN,
  dns: ClusterDns.pods({
    namespace: 'kube-system',
    labels: { 'app.kubernetes.io/name': 'kube-dns' },
  }).withNodeLocal(),
  apiServerPorts: [6443],
  metadataAddresses: [INSTANCE_METADATA],
};
