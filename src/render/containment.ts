/**
 * Whether everybody whom one peer means is meant by another one, as far as the model knows. What is
 * not known (further labels of a pod, the namespaces of others that carry a label) contains nothing.
 */
import type { WorkloadData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import type { ModelState } from '../traffic/model';
import { workloadsIn } from '../traffic/model';
import { cidrContains, cidrsOverlap } from '../values/cidr';
import type { IdentityData, NamespaceScope, PeerData, PodsPeer } from '../values/peer';
import type { SelectorData, SelectorExpression } from '../values/selector';
import { isEverything, selectorMatches } from '../values/selector';

/** Whether every end that the inner peer means is one that the outer peer means. */
export function containsPeer(model: ModelState, outer: PeerData, inner: PeerData): boolean {
  if (outer.kind === 'any') return true;
  if (JSON.stringify(outer) === JSON.stringify(inner)) return true;
  if (outer.kind === 'cidr' && inner.kind === 'cidr')
    return containsBlock(outer.block, inner.block);
  const groups = podsMeantBy(model, inner);
  return groups.length > 0 && groups.every((group) => containsPods(model, outer, group));
}

/** Whether the scope names the namespace; labels are those that we know of it. */
export function inScope(model: ModelState, scope: NamespaceScope, namespace: string): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'names':
      return scope.names.includes(namespace);
    case 'labels': {
      const labels = model.namespaces.get(namespace)?.labels ?? {};
      return selectorMatches(scope.selector, labels);
    }
  }
}

/** The workloads that are declared to run as an identity. */
export function workloadsOf(model: ModelState, identity: IdentityData): readonly WorkloadData[] {
  if (identity.kind === 'jwt' || identity.kind === 'namespace') return [];
  return workloadsIn(model, identity.namespace).filter(
    ({ serviceAccount }) => serviceAccount === identity.name,
  );
}

/** Pods with what is known of them. */
interface KnownPods {
  readonly namespaces: NamespaceScope;
  readonly workload?: WorkloadData;
  /** What their labels meet. */
  readonly pods: SelectorData;
  readonly account?: string;
}

function podsMeantBy(model: ModelState, peer: PeerData): KnownPods[] {
  switch (peer.kind) {
    case 'workload': {
      const workload = model.workloads.get(workloadKey(peer.namespace, peer.name));
      return workload === undefined ? [] : [podsOf(workload)];
    }
    case 'pods':
      return [{ namespaces: peer.namespaces, pods: peer.pods, account: peer.serviceAccount }];
    case 'identity':
      return podsOfIdentity(model, peer.identity);
    case 'any':
    case 'cidr':
    case 'fqdn':
    case 'internet':
    case 'kube-apiserver':
    case 'dns':
    case 'nodes':
      return [];
  }
}

function podsOf(workload: WorkloadData): KnownPods {
  const { namespace, podLabels, serviceAccount } = workload;
  return {
    namespaces: { kind: 'names', names: [namespace] },
    workload,
    pods: { matchLabels: podLabels, matchExpressions: [] },
    account: serviceAccount === undefined ? undefined : `${namespace}/${serviceAccount}`,
  };
}

function podsOfIdentity(model: ModelState, identity: IdentityData): KnownPods[] {
  if (identity.kind === 'jwt') return [];
  const running = workloadsOf(model, identity);
  if (running.length > 0) return running.map(podsOf);
  return [
    {
      namespaces: { kind: 'names', names: [identity.namespace] },
      pods: { matchLabels: {}, matchExpressions: [] },
      account: identity.kind === 'namespace' ? undefined : accountOf(identity),
    },
  ];
}

function containsPods(model: ModelState, outer: PeerData, inner: KnownPods): boolean {
  switch (outer.kind) {
    case 'workload':
      return isWorkload(model, outer, inner);
    case 'pods':
      return isAmong(model, outer, inner);
    case 'identity':
      return isOfIdentity(model, outer.identity, inner);
    case 'any':
    case 'cidr':
    case 'fqdn':
    case 'internet':
    case 'kube-apiserver':
    case 'dns':
    case 'nodes':
      return false;
  }
}

function isWorkload(
  model: ModelState,
  outer: { readonly namespace: string; readonly name: string },
  inner: KnownPods,
): boolean {
  const workload = model.workloads.get(workloadKey(outer.namespace, outer.name));
  if (workload === undefined) return false;
  if (inner.workload !== undefined) return inner.workload === workload;
  const own = { matchLabels: workload.labels, matchExpressions: [] };
  return isOnlyNamespace(inner.namespaces, outer.namespace) && implies(inner.pods, own);
}

function isAmong(model: ModelState, outer: PodsPeer, inner: KnownPods): boolean {
  if (outer.serviceAccount !== undefined && outer.serviceAccount !== inner.account) return false;
  return (
    scopeContains(model, outer.namespaces, inner.namespaces) && implies(inner.pods, outer.pods)
  );
}

function isOfIdentity(model: ModelState, outer: IdentityData, inner: KnownPods): boolean {
  if (outer.kind === 'jwt') return false;
  if (!isOnlyNamespace(inner.namespaces, outer.namespace)) return false;
  if (outer.kind === 'namespace') return true;
  const running = workloadsOf(model, outer);
  if (running.length > 0) {
    return inner.workload !== undefined && running.includes(inner.workload);
  }
  return inner.account === accountOf(outer);
}

function accountOf({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): string {
  return `${namespace}/${name}`;
}

function isOnlyNamespace(scope: NamespaceScope, namespace: string): boolean {
  return scope.kind === 'names' && scope.names.every((name) => name === namespace);
}

function scopeContains(model: ModelState, outer: NamespaceScope, inner: NamespaceScope): boolean {
  if (outer.kind === 'all') return true;
  if (inner.kind === 'names') return inner.names.every((name) => inScope(model, outer, name));
  return (
    outer.kind === 'labels' && inner.kind === 'labels' && implies(inner.selector, outer.selector)
  );
}

/** Whether whatever meets the first selector meets the second one. */
export function implies(inner: SelectorData, outer: SelectorData): boolean {
  if (isEverything(outer)) return true;
  const labels = Object.entries(outer.matchLabels);
  return (
    labels.every(([key, value]) =>
      impliesExpression(inner, { key, operator: 'In', values: [value] }),
    ) && outer.matchExpressions.every((expression) => impliesExpression(inner, expression))
  );
}

function impliesExpression(inner: SelectorData, wanted: SelectorExpression): boolean {
  if (Object.hasOwn(inner.matchLabels, wanted.key)) {
    const selector = { matchLabels: {}, matchExpressions: [wanted] };
    return selectorMatches(selector, inner.matchLabels);
  }
  return inner.matchExpressions
    .filter(({ key }) => key === wanted.key)
    .some((known) => impliesAlone(known, wanted));
}

function impliesAlone(known: SelectorExpression, wanted: SelectorExpression): boolean {
  const some = (values: readonly string[]): boolean =>
    known.values.some((one) => values.includes(one));
  switch (wanted.operator) {
    case 'In':
      return known.operator === 'In' && known.values.every((one) => wanted.values.includes(one));
    case 'Exists':
      return known.operator === 'In' || known.operator === 'Exists';
    case 'DoesNotExist':
      return known.operator === 'DoesNotExist';
    case 'NotIn':
      if (known.operator === 'In') return !some(wanted.values);
      if (known.operator === 'DoesNotExist') return true;
      return known.operator === 'NotIn' && wanted.values.every((one) => known.values.includes(one));
  }
}

interface Block {
  readonly cidr: string;
  readonly except: readonly string[];
}

function containsBlock(outer: Block, inner: Block): boolean {
  return (
    cidrContains(outer.cidr, inner.cidr) &&
    outer.except
      .filter((hole) => cidrsOverlap(hole, inner.cidr))
      .every((hole) => inner.except.some((own) => cidrContains(own, hole)))
  );
}
