/**
 * How Istio recognises the callers of a flow: by the narrowest identity that is known of them.
 *
 * Istio knows no pod labels. A caller of known service account is named by it; others by "any
 * authenticated identity" of their namespace, or of the mesh where labels choose the namespaces.
 * Callers outside the mesh have no identity at all: a rule without source admits them, and
 * everybody else whom NetworkPolicy lets through. In ambient, where NetworkPolicy cannot tell ports
 * of callers in the mesh, the rule is for callers without identity only.
 */
import type { IdentityData, PeerData } from '../../values/peer';
import { workloadKey } from '../../traffic/data';
import type { RenderContext } from '../context';
import { participationsOf } from './participation';

/** Fields of an AuthorizationPolicy source that name the caller. */
export interface CallerSource {
  readonly serviceAccounts?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly principals?: readonly string[];
}

/** How a caller is recognised; `outside`: by having no identity; no source: anybody. */
export type Caller =
  | { readonly kind: 'identified'; readonly source: CallerSource }
  | { readonly kind: 'outside' }
  | { readonly kind: 'anybody' }
  | { readonly kind: 'unknown' };

/** How the callers that a peer means are recognised: some may take part in the mesh, others not. */
export function callersOf(context: RenderContext, peer: PeerData): readonly Caller[] {
  const source = sourceOf(context, peer);
  if (source === undefined) return [{ kind: 'anybody' }];
  return [...participationsOf(context, peer)].map((takesPart): Caller => {
    if (takesPart === undefined) return { kind: 'unknown' };
    if (takesPart) return { kind: 'identified', source };
    return { kind: context.profile.mesh.mode === 'ambient' ? 'outside' : 'anybody' };
  });
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

/** The widest way in which callers that a peer means are recognised. */
export function callerOf(context: RenderContext, peer: PeerData): Caller {
  const callers = callersOf(context, peer);
  const find = (kind: Caller['kind']): Caller | undefined =>
    callers.find((one) => one.kind === kind);
  return find('anybody') ?? find('unknown') ?? find('outside') ?? callers[0] ?? { kind: 'unknown' };
}
