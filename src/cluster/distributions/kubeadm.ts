/**
 * kubeadm, and what is made with it (kubespray, Cluster API): brings CoreDNS labelled as kube-dns
 * and an API server on 6443, and leaves the CNI to the operator.
 *
 * Source: kubernetes/kubernetes:cmd/kubeadm/app/phases/addons/dns/manifests.go
 */
import { Cni } from '../cni';
import { ClusterDns } from '../dns';
import type { ProfileDefaults } from './defaults';
import { INSTANCE_METADATA } from './defaults';

export const KUBEADM: ProfileDefaults = {
  name: 'kubeadm',
  cni: Cni.UNKNOWN,
  dns: ClusterDns.kubeDns(),
  apiServerPorts: [6443],
  metadataAddresses: [INSTANCE_METADATA],
};
