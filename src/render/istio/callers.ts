/**
 * How Istio recognises the callers of a flow: by the narrowest identity that is known of them.
 *
 * Istio knows no pod labels. A caller of known service account is named by it; others by "any
 * authenticated identity" of their namespace, or of the mesh where labels choose the namespaces.
 * Callers outside the mesh have no identity at all: a rule without source admits them, and
 * everybody else whom NetworkPolicy lets through.
 */
import type { IdentityData, PeerData, PodsPeer } from '../../values/peer';
import { isEverything, selectorMatches } from '../../values/selector';
import type { FlowData, WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import { workloadsIn } from '../../traffic/model';
import { inScope } from '../subjects';
import type { RenderContext } from '../context';
import { peerInMesh } from './participation';

/** Fields of an AuthorizationPolicy source that name the caller. */
export interface CallerSource {
  readonly serviceAccounts?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly principals?: readonly string[];
}

/** How the caller of a flow is recognised; no source: anybody, in plain text as well. */
export type Caller =
  | { readonly kind: 'identified'; readonly source: CallerSource }
  | { readonly kind: 'anybody' }
  | { readonly kind: 'unknown' };

export function callerOf(context: RenderContext, peer: PeerData): Caller {
  if (peer.kind === 'identity' && peer.identity.kind === 'jwt') return { kind: 'anybody' };
  const participation = peerInMesh(context, peer);
  if (participation === false || peer.kind === 'any') return { kind: 'anybody' };
  if (participation === undefined) return { kind: 'unknown' };
  const source = sourceOf(context, peer);
  return source === undefined ? { kind: 'anybody' } : { kind: 'identified', source };
}

function sourceOf(context: RenderContext, peer: PeerData): CallerSource | undefined {
  switch (peer.kind) {
    case 'workload': {
      const workload = context.model.workloads.get(workloadKey(peer.namespace, peer.name));
      const account = workload?.serviceAccount;
      return account === undefined
        ? { namespaces: [peer.namespace] }
        : { serviceAccounts: [`${peer.namespace}/${account}`] };
    }
    case 'pods':
      if (peer.serviceAccount !== undefined) return { serviceAccounts: [peer.serviceAccount] };
      return peer.namespaces.kind === 'names'
        ? { namespaces: [...peer.namespaces.names].sort() }
        : { principals: ['*'] };
    case 'identity':
      return sourceOfIdentity(peer.identity);
    case 'any':
    case 'cidr':
    case 'fqdn':
    case 'internet':
    case 'kube-apiserver':
    case 'dns':
    case 'nodes':
      return undefined;
  }
}

function sourceOfIdentity(identity: IdentityData): CallerSource | undefined {
  switch (identity.kind) {
    case 'service-account':
      return { serviceAccounts: [`${identity.namespace}/${identity.name}`] };
    case 'namespace':
      return { namespaces: [identity.namespace] };
    case 'principal': {
      const { trustDomain, namespace, name } = identity;
      return { principals: [`${trustDomain}/ns/${namespace}/sa/${name}`] };
    }
    case 'jwt':
      return undefined;
  }
}

/** Whether every pod that the inner peer means is one that the outer peer means. */
export function containsPeer(context: RenderContext, outer: PeerData, inner: PeerData): boolean {
  if (outer.kind === 'any') return true;
  if (JSON.stringify(outer) === JSON.stringify(inner)) return true;
  const pods = knownPods(context, inner);
  if (pods === undefined) return false;
  const { namespace, workloads } = pods;
  if (outer.kind === 'workload') {
    return workloads.length > 0 && workloads.every((one) => isWorkload(outer, one));
  }
  if (outer.kind === 'pods') {
    if (!inScope(context.model, outer.namespaces, namespace)) return false;
    if (isEverything(outer.pods)) return true;
    return (
      workloads.length > 0 &&
      workloads.every(({ podLabels }) => selectorMatches(outer.pods, podLabels))
    );
  }
  if (outer.kind !== 'identity') return false;
  return outer.identity.kind === 'namespace' && outer.identity.namespace === namespace;
}

interface KnownPods {
  readonly namespace: string;
  /** Workloads that are known to be meant; empty: any pod of the namespace. */
  readonly workloads: readonly WorkloadData[];
}

function knownPods(context: RenderContext, peer: PeerData): KnownPods | undefined {
  if (peer.kind === 'workload') {
    const workload = context.model.workloads.get(workloadKey(peer.namespace, peer.name));
    return workload && { namespace: peer.namespace, workloads: [workload] };
  }
  if (peer.kind === 'pods') return knownPodsByLabel(context, peer);
  return peer.kind === 'identity' ? knownPodsOfIdentity(context, peer.identity) : undefined;
}

function knownPodsByLabel(
  { model }: RenderContext,
  { namespaces, pods }: PodsPeer,
): KnownPods | undefined {
  const [namespace, ...others] = namespaces.kind === 'names' ? namespaces.names : [];
  if (namespace === undefined || others.length > 0) return undefined;
  if (isEverything(pods)) return { namespace, workloads: [] };
  const workloads = workloadsIn(model, namespace);
  const matching = workloads.filter(({ podLabels }) => selectorMatches(pods, podLabels));
  return { namespace, workloads: matching };
}

function knownPodsOfIdentity(
  { model }: RenderContext,
  identity: IdentityData,
): KnownPods | undefined {
  if (identity.kind === 'jwt') return undefined;
  const { namespace } = identity;
  if (identity.kind === 'namespace') return { namespace, workloads: [] };
  const workloads = workloadsIn(model, namespace);
  return {
    namespace,
    workloads: workloads.filter(({ serviceAccount }) => serviceAccount === identity.name),
  };
}

function isWorkload(
  peer: { readonly namespace: string; readonly name: string },
  one: WorkloadData,
): boolean {
  return peer.namespace === one.namespace && peer.name === one.name;
}

/** Whether the source of one caller also admits another caller of the same target. */
export function sourceAdmits(context: RenderContext, caller: Caller, flow: FlowData): boolean {
  if (caller.kind !== 'identified') return true;
  const other = callerOf(context, flow.from);
  if (other.kind !== 'identified') return false;
  return identitiesOf(other.source).some((identity) => admits(caller.source, identity));
}

interface CallerIdentity {
  readonly namespace: string | undefined;
  readonly account: string | undefined;
}

/** What may stand in the certificate of a caller of that source; undefined: anything. */
function identitiesOf(source: CallerSource): CallerIdentity[] {
  const accounts = (source.serviceAccounts ?? []).map((text) => {
    const [namespace, account] = text.split('/');
    return { namespace, account };
  });
  const principals = (source.principals ?? []).map((text) => {
    const [, namespace, account] = /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(text) ?? [];
    return { namespace, account };
  });
  const namespaces = (source.namespaces ?? []).map((namespace) => ({
    namespace,
    account: undefined,
  }));
  return [...accounts, ...principals, ...namespaces];
}

function admits(source: CallerSource, identity: CallerIdentity): boolean {
  return identitiesOf(source).some(
    ({ namespace, account }) =>
      (namespace === undefined ||
        identity.namespace === undefined ||
        namespace === identity.namespace) &&
      (account === undefined || identity.account === undefined || account === identity.account),
  );
}
