/**
 * Whom a rule's source admits besides those whom it was written for: Istio takes callers for each
 * other that it knows by the same name, and whoever has no name for everybody.
 *
 * A service account is what a caller was declared by: strangers that run as it are that caller.
 * Declared workloads that share one are not.
 */
import type { IdentityData, NamespaceScope, PeerData, PodsPeer } from '../../values/peer';
import { cidrContains, cidrsOverlap } from '../../values/cidr';
import { isEverything, selectorMatches } from '../../values/selector';
import type { FlowData, WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import type { ModelState } from '../../traffic/model';
import { workloadsIn } from '../../traffic/model';
import { inScope, workloadsOf } from '../containment';
import type { RenderContext } from '../context';
import { notPublic } from '../internet';
import type { Caller, CallerSource } from './callers';
import { participationsOf } from './participation';

/** The ends of a peer that a caller's source lets in as well; none where it lets in nobody of them. */
export function admittedParts(context: RenderContext, caller: Caller, peer: PeerData): PeerData[] {
  if (caller.kind !== 'identified') return [peer];
  if (holdsPods(context, peer)) return partsNamedBy(context.model, caller.source, { kind: 'any' });
  if (staysOutside(context, peer)) return [];
  return partsNamedBy(context.model, caller.source, peer).filter(
    (part) => !staysOutside(context, part),
  );
}

/**
 * Whether the peer's own pods are said to stay outside: they have no identity. What is said of their
 * namespace is no promise about each pod, least of all where the rule is for some of them inside.
 */
function staysOutside(context: RenderContext, peer: PeerData): boolean {
  if (peer.kind === 'pods') return peer.inMesh === false;
  return [...participationsOf(context, peer)].every((takesPart) => takesPart === false);
}

/** Whether addresses may be those of pods, who have identities of their own. */
function holdsPods({ profile }: RenderContext, peer: PeerData): boolean {
  if (peer.kind !== 'cidr') return false;
  const { cidr, except } = peer.block;
  const ranges = profile.podRanges ?? notPublic(profile);
  return ranges.some(
    (range) => cidrsOverlap(range, cidr) && !except.some((hole) => cidrContains(hole, range)),
  );
}

/** Whether the source of one caller also admits another caller. */
export function sourceAdmits(context: RenderContext, caller: Caller, { from }: FlowData): boolean {
  return admittedParts(context, caller, from).length > 0;
}

function partsNamedBy(model: ModelState, source: CallerSource, peer: PeerData): PeerData[] {
  const { serviceAccounts = [], namespaces = [], principals = [] } = source;
  const accounts = [
    ...serviceAccounts,
    ...principals.flatMap(
      (text) => /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(text)?.slice(1).join('/') ?? [],
    ),
  ];
  return [
    ...(principals.includes('*') ? [peer] : []),
    ...namespaces.flatMap((namespace) => partIn(model, namespace, peer)),
    ...accounts.flatMap((account) => partRunningAs(model, account, peer)),
  ];
}

function partIn(model: ModelState, namespace: string, peer: PeerData): PeerData[] {
  switch (peer.kind) {
    case 'workload':
      return peer.namespace === namespace ? [peer] : [];
    case 'pods':
      return mayBeIn(model, peer.namespaces, namespace) ? [within(peer, namespace)] : [];
    case 'identity':
      if (peer.identity.kind === 'jwt') return [anyPodOf(namespace)];
      return peer.identity.namespace === namespace ? [peer] : [];
    case 'any':
      return [anyPodOf(namespace)];
    case 'cidr':
    case 'fqdn':
    case 'internet':
    case 'kube-apiserver':
    case 'dns':
    case 'nodes':
      return [];
  }
}

/** Labels of others' namespaces are not known: they may be chosen. */
function mayBeIn(model: ModelState, scope: NamespaceScope, namespace: string): boolean {
  const known = model.namespaces.get(namespace);
  const unknown = known === undefined || known.ownership === 'foreign';
  return (scope.kind === 'labels' && unknown) || inScope(model, scope, namespace);
}

function within(peer: PodsPeer, namespace: string): PodsPeer {
  return { ...peer, namespaces: { kind: 'names', names: [namespace] } };
}

function anyPodOf(namespace: string): PodsPeer {
  return {
    kind: 'pods',
    namespaces: { kind: 'names', names: [namespace] },
    pods: { matchLabels: {}, matchExpressions: [] },
  };
}

/** Declared workloads among the peer's that run as the account, or of which nobody said as what. */
function partRunningAs(model: ModelState, account: string, peer: PeerData): PeerData[] {
  const [namespace = '', name = ''] = account.split('/');
  if (peer.kind === 'pods' && mayRunAs(model, peer, account)) {
    return mayBeIn(model, peer.namespaces, namespace) ? [within(peer, namespace)] : [];
  }
  return workloadsAmong(model, peer, namespace)
    .filter(({ serviceAccount }) => serviceAccount === undefined || serviceAccount === name)
    .map((workload) => ({ kind: 'workload', namespace, name: workload.name }));
}

/** Pods that only their labels tell run as whatever a declared workload among them runs as. */
function mayRunAs(model: ModelState, peer: PodsPeer, account: string): boolean {
  const { serviceAccount, pods } = peer;
  if (serviceAccount !== undefined) return serviceAccount === account;
  const [namespace = '', name] = account.split('/');
  return (
    !isEverything(pods) &&
    workloadsAmong(model, peer, namespace).some((one) => one.serviceAccount === name)
  );
}

function workloadsAmong(
  model: ModelState,
  peer: PeerData,
  namespace: string,
): readonly WorkloadData[] {
  switch (peer.kind) {
    case 'workload': {
      const workload = model.workloads.get(workloadKey(peer.namespace, peer.name));
      return workload?.namespace === namespace ? [workload] : [];
    }
    case 'pods':
      if (!mayBeIn(model, peer.namespaces, namespace)) return [];
      return workloadsIn(model, namespace).filter(({ podLabels }) =>
        selectorMatches(peer.pods, podLabels),
      );
    case 'identity':
      return workloadsOfIdentity(model, peer.identity, namespace);
    case 'any':
      return workloadsIn(model, namespace);
    case 'cidr':
    case 'fqdn':
    case 'internet':
    case 'kube-apiserver':
    case 'dns':
    case 'nodes':
      return [];
  }
}

/** Of an account without known pods, every workload may be one. */
function workloadsOfIdentity(
  model: ModelState,
  identity: IdentityData,
  namespace: string,
): readonly WorkloadData[] {
  if (identity.kind === 'jwt') return workloadsIn(model, namespace);
  if (identity.namespace !== namespace) return [];
  const running = workloadsOf(model, identity);
  return running.length > 0 ? running : workloadsIn(model, namespace);
}
