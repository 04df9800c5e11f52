/**
 * Policies as a watch on the API server shows them: with their kinds, and with the defaults that it
 * sets. Source: kubernetes/kubernetes:pkg/apis/networking/v1/defaults.go
 */
import type { ClusterWorld } from '../../naive/cluster-network-policy';
import type { NetworkPolicy } from '../../naive/world';

export function stored({ policies, clusterPolicies = [] }: ClusterWorld): object[] {
  return [
    ...policies.map(withDefaults),
    ...clusterPolicies.map((policy) => ({ kind: 'ClusterNetworkPolicy', ...policy })),
  ];
}

function withDefaults({ metadata, spec }: NetworkPolicy): object {
  const egress = (spec.egress ?? []).length > 0 ? ['Egress'] : [];
  const policyTypes = spec.policyTypes?.length ? spec.policyTypes : ['Ingress', ...egress];
  return {
    kind: 'NetworkPolicy',
    metadata,
    spec: { ...spec, podSelector: spec.podSelector ?? {}, policyTypes },
  };
}
