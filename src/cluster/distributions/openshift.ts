/**
 * OpenShift 4: OVN-Kubernetes unless the installer was told otherwise
 * (https://docs.redhat.com/en/documentation/openshift_container_platform), DNS of its own on 5353
 * (openshift/cluster-dns-operator).
 */
import { Cni } from '../cni';
import { ClusterDns } from '../dns';
import type { ProfileDefaults } from './defaults';
import { INSTANCE_METADATA } from './defaults';

export const OPENSHIFT: ProfileDefaults = {
  name: 'openshift',
  cni: Cni.OVN_KUBERNETES,
  dns: ClusterDns.openshift(),
  apiServerPorts: [6443],
  metadataAddresses: [INSTANCE_METADATA],
};
