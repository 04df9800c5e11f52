/**
 * Policies that are read and not understood, by kind and version. Closed from the other side too: a
 * kind that is called a policy over traffic and is not known counts as one.
 */
import type { NotAnalyzed, Resource } from '../resource';
import { groupOf } from '../resources';

/** Group and kind of what decides over traffic, besides what an evaluator understands. */
const POLICIES: Readonly<Record<string, RegExp>> = {
  'cilium.io': /Policy$/,
  'crd.projectcalico.org': /^(?:Global)?NetworkPolicy$/,
  'projectcalico.org': /^(?:Global)?NetworkPolicy$/,
  'crd.antrea.io': /NetworkPolicy$/,
  'policy.networking.k8s.io': /NetworkPolicy$/,
  'networking.k8s.io': /^NetworkPolicy$/,
  extensions: /^NetworkPolicy$/,
  'networking.gke.io': /NetworkPolicy$/,
  'networking.k8s.aws': /Policy$/,
  'k8s.ovn.org': /^(?:EgressFirewall|AdminPolicyBasedExternalRoute)$/,
  'k8s.cni.cncf.io': /^MultiNetworkPolicy$/,
  'security.istio.io': /./,
  'extensions.istio.io': /^WasmPlugin$/,
  'policy.linkerd.io': /./,
  'kuma.io': /^MeshTrafficPermission$/,
  'consul.hashicorp.com': /^ServiceIntentions$/,
};

/** What a policy is called where its group is not known; staged policies are not in force. */
const LOOKS_LIKE_ONE = /^(?!Staged).*(?:Network|Authorization|Firewall|Egress|Traffic)\w*Policy$/;

export function notAnalyzed(resource: Resource): NotAnalyzed | undefined {
  const { apiVersion, kind, namespace, name } = resource;
  const group = groupOf(apiVersion);
  const known = Object.hasOwn(POLICIES, group) ? POLICIES[group] : LOOKS_LIKE_ONE;
  if (known?.test(kind) !== true) return undefined;
  const why = OTHER_VERSION.has(`${group}/${kind}`)
    ? `no evaluator for version ${apiVersion}`
    : 'no evaluator for this kind';
  return { kind, ...(namespace !== undefined && { namespace }), name, at: resource.locate(), why };
}

/** Kinds that are understood in the version that is served today. */
const OTHER_VERSION = new Set([
  'networking.k8s.io/NetworkPolicy',
  'extensions/NetworkPolicy',
  'policy.networking.k8s.io/ClusterNetworkPolicy',
]);
