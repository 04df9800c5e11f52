/**
 * A cluster of which nothing is known but what Kubernetes itself suggests.
 */
import { Cni } from '../cni';
import { ClusterDns } from '../dns';
import type { ProfileDefaults } from './defaults';
import { INSTANCE_METADATA } from './defaults';

export const GENERIC: ProfileDefaults = {
  name: 'generic',
  cni: Cni.UNKNOWN,
  dns: ClusterDns.kubeDns(),
  // managed control planes answer on 443, others on 6443; the addresses decide which it is
  apiServerPorts: [443, 6443],
  metadataAddresses: [INSTANCE_METADATA],
};
