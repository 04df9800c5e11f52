/**
 * kind: kubeadm with kindnet, which enforces NetworkPolicy from 0.24 on (kubernetes-sigs/kind#3612).
 */
import { Cni } from '../cni';
import { ClusterDns } from '../dns';
import type { ProfileDefaults } from './defaults';
import { INSTANCE_METADATA } from './defaults';

export const KIND: ProfileDefaults = {
  name: 'kind',
  cni: Cni.KINDNET,
  dns: ClusterDns.kubeDns(),
  apiServerPorts: [6443],
  metadataAddresses: [INSTANCE_METADATA],
};
