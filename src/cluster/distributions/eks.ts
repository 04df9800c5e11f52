/**
 * Amazon EKS. The VPC CNI is installed unless it is replaced, and enforces nothing until that is
 * switched on, so whether it does stays unknown.
 *
 * Metadata: the instance's own in both families (aws/aws-sdk-js:lib/metadata_service/endpoint.js),
 * the container credentials endpoint (aws/aws-sdk-js:lib/credentials/remote_credentials.js), and
 * the Pod Identity agent (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html).
 */
import { Cni } from '../cni';
import { ClusterDns } from '../dns';
import type { ProfileDefaults } from './defaults';
import { INSTANCE_METADATA } from './defaults';

export const EKS: ProfileDefaults = {
  name: 'eks',
  cni: Cni.AWS_VPC,
  dns: ClusterDns.kubeDns(),
  apiServerPorts: [443],
  metadataAddresses: [
    INSTANCE_METADATA,
    'fd00:ec2::254',
    '169.254.170.2',
    '169.254.170.23',
    'fd00:ec2::23',
  ],
};
