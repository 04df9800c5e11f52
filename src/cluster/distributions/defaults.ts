/**
 * What a distribution is known to be like before anything is said about one cluster of it.
 *
 * Only facts with a source stand here. Ranges of pods, Services and nodes and the addresses of API
 * servers are chosen per cluster: they are left unknown.
 */
import type { Cni } from '../cni';
import type { ClusterDns } from '../dns';
import type { ApiServerData } from '../profile-data';

export interface ProfileDefaults {
  /** Name of the distribution and of the factory of `ClusterProfile`. */
  readonly name: string;
  readonly cni: Cni;
  readonly dns: ClusterDns;
  readonly apiServerPorts: readonly number[];
  /** Pods through which the API server calls webhooks. */
  readonly webhookCallers?: ApiServerData['webhookCallers'];
  /** Addresses, without mask. */
  readonly metadataAddresses: readonly string[];
}

/** Where every cloud answers with the credentials of the node, and clusters elsewhere do nothing. */
export const INSTANCE_METADATA = '169.254.169.254';
