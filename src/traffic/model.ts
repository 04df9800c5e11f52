/**
 * The traffic model of a construct tree: everything that was declared, whatever the order.
 *
 * Records only grow. Repeats of a flow are merged and keep all their reasons. `revision` rises
 * with every change, so that whatever is computed from the model can be remembered until then.
 * The indexes answer "which flows end in this namespace" without looking at all flows.
 */
import type { PeerData } from '../values/peer';
import { isEverything, selectorKey, selectorMatches } from '../values/selector';
import type {
  Direction,
  FlowData,
  IsolationData,
  NamespaceData,
  ReasonData,
  WorkloadData,
} from './data';
import { DIRECTIONS, flowKey, workloadKey } from './data';
import type { MeshDeclaration } from './mesh-data';

/** Two different things were declared under one name. */
export interface Conflict {
  readonly code: 'namespace-twice' | 'workload-twice';
  readonly what: string;
  readonly paths: readonly [string, string];
}

/** The shared state. Plain data and collections only: two copies of the package write to it. */
export interface ModelState {
  revision: number;
  readonly namespaces: Map<string, NamespaceData>;
  readonly workloads: Map<string, WorkloadData>;
  readonly isolations: Map<string, IsolationData>;
  readonly flows: Map<string, FlowData>;
  readonly meshDeclarations: Map<string, MeshDeclaration>;
  readonly conflicts: Conflict[];
  readonly index: ModelIndex;
}

interface ModelIndex {
  readonly isolationsByNamespace: Map<string, IsolationData[]>;
  readonly workloadsByNamespace: Map<string, WorkloadData[]>;
  /** Keys of flows whose end of that direction names the namespace. */
  readonly flowsByNamespace: Record<Direction, Map<string, Set<string>>>;
  /** Keys of flows whose end of that direction may lie in any namespace. */
  readonly openFlows: Record<Direction, Set<string>>;
}

export function emptyModel(): ModelState {
  return {
    revision: 0,
    namespaces: new Map(),
    workloads: new Map(),
    isolations: new Map(),
    flows: new Map(),
    meshDeclarations: new Map(),
    conflicts: [],
    index: {
      isolationsByNamespace: new Map(),
      workloadsByNamespace: new Map(),
      flowsByNamespace: { ingress: new Map(), egress: new Map() },
      openFlows: { ingress: new Set(), egress: new Set() },
    },
  };
}

/**
 * A namespace that only occurs as a peer gives way to whoever owns it or writes into it; of several
 * such references the first in order of path stands.
 */
export function addNamespace(model: ModelState, namespace: NamespaceData): void {
  const known = model.namespaces.get(namespace.name);
  const isReference = namespace.ownership === 'foreign';
  if (known !== undefined && isReference) {
    if (known.ownership !== 'foreign' || known.by <= namespace.by) return;
  } else if (known !== undefined && known.ownership !== 'foreign') {
    model.conflicts.push({
      code: 'namespace-twice',
      what: namespace.name,
      paths: [known.by, namespace.by],
    });
    return;
  }
  model.namespaces.set(namespace.name, namespace);
  model.revision += 1;
}

export function addWorkload(model: ModelState, workload: WorkloadData): void {
  const key = workloadKey(workload.namespace, workload.name);
  const known = model.workloads.get(key);
  if (known !== undefined) {
    model.conflicts.push({ code: 'workload-twice', what: key, paths: [known.by, workload.by] });
    return;
  }
  model.workloads.set(key, workload);
  push(model.index.workloadsByNamespace, workload.namespace, workload);
  model.revision += 1;
}

export function addIsolation(model: ModelState, isolation: IsolationData): void {
  const { namespace, pods, directions, workload, by } = isolation;
  const key = JSON.stringify([namespace, selectorKey(pods), directions, workload ?? null, by]);
  if (model.isolations.has(key)) return;
  model.isolations.set(key, isolation);
  push(model.index.isolationsByNamespace, namespace, isolation);
  model.revision += 1;
}

/** Adds a flow, or its reasons to the same flow declared before; returns the flow as it stands. */
export function addFlow(model: ModelState, flow: FlowData): FlowData {
  const key = flowKey(flow);
  const known = model.flows.get(key);
  const merged = known === undefined ? flow : mergeFlows(known, flow);
  model.flows.set(key, merged);
  if (known === undefined) {
    for (const direction of DIRECTIONS) indexFlow(model.index, direction, key, merged);
  }
  model.revision += 1;
  return merged;
}

export function addMeshDeclaration(model: ModelState, declaration: MeshDeclaration): void {
  model.meshDeclarations.set(JSON.stringify(declaration), declaration);
  model.revision += 1;
}

/** Declarations of one kind, in the order of their text. */
export function meshDeclarations<K extends MeshDeclaration['kind']>(
  model: ModelState,
  kind: K,
): Extract<MeshDeclaration, { kind: K }>[] {
  const of = (one: MeshDeclaration): one is Extract<MeshDeclaration, { kind: K }> =>
    one.kind === kind;
  return [...model.meshDeclarations.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, declaration]) => (of(declaration) ? [declaration] : []));
}

/** Flows whose end of that direction may lie in the namespace. */
export function flowsTouching(
  model: ModelState,
  namespace: string,
  direction: Direction,
): FlowData[] {
  const keys = [
    ...(model.index.flowsByNamespace[direction].get(namespace) ?? []),
    ...model.index.openFlows[direction],
  ];
  return keys.flatMap((key) => model.flows.get(key) ?? []);
}

export function isolationsIn(model: ModelState, namespace: string): readonly IsolationData[] {
  return model.index.isolationsByNamespace.get(namespace) ?? [];
}

export function workloadsIn(model: ModelState, namespace: string): readonly WorkloadData[] {
  return model.index.workloadsByNamespace.get(namespace) ?? [];
}

/** Whether the workload is isolated in that direction. */
export function isIsolated(
  model: ModelState,
  workload: WorkloadData,
  direction: Direction,
): boolean {
  return isolationsIn(model, workload.namespace).some(
    ({ pods, directions }) =>
      directions.includes(direction) &&
      (isEverything(pods) || selectorMatches(pods, workload.podLabels)),
  );
}

/** The end of a flow that a direction speaks about: ingress policies are written at `to`. */
export function endOf(flow: FlowData, direction: Direction): PeerData {
  return direction === 'ingress' ? flow.to : flow.from;
}

/** The end of a flow that a policy of that direction names as peer. */
export function otherEndOf(flow: FlowData, direction: Direction): PeerData {
  return direction === 'ingress' ? flow.from : flow.to;
}

/** Namespaces in which the end of a flow may lie; none for ends outside the cluster's pods. */
export function flowNamespaces(
  flow: FlowData,
  direction: Direction,
): readonly string[] | 'anywhere' {
  const peer = endOf(flow, direction);
  switch (peer.kind) {
    case 'workload':
      return [peer.namespace];
    case 'pods':
      return peer.namespaces.kind === 'names' ? peer.namespaces.names : 'anywhere';
    case 'identity':
      return peer.identity.kind === 'jwt' ? 'anywhere' : [peer.identity.namespace];
    case 'any':
      return 'anywhere';
    case 'cidr':
    case 'fqdn':
    case 'internet':
    case 'kube-apiserver':
    case 'dns':
    case 'nodes':
      return [];
  }
}

function indexFlow(index: ModelIndex, direction: Direction, key: string, flow: FlowData): void {
  const place = flowNamespaces(flow, direction);
  if (place === 'anywhere') {
    index.openFlows[direction].add(key);
    return;
  }
  for (const namespace of place) {
    const keys = index.flowsByNamespace[direction].get(namespace) ?? new Set();
    index.flowsByNamespace[direction].set(namespace, keys.add(key));
  }
}

/** One end may go by several names (a construct, `Peer.namespace`): the first in order stands. */
function mergeFlows(a: FlowData, b: FlowData): FlowData {
  return {
    ...a,
    fromName: a.fromName < b.fromName ? a.fromName : b.fromName,
    toName: a.toName < b.toName ? a.toName : b.toName,
    reasons: mergeReasons(a.reasons, b.reasons),
  };
}

function mergeReasons(a: readonly ReasonData[], b: readonly ReasonData[]): ReasonData[] {
  const distinct = new Map([...a, ...b].map((reason) => [JSON.stringify(reason), reason]));
  return [...distinct.entries()].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, reason]) => reason);
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const items = map.get(key);
  if (items === undefined) map.set(key, [item]);
  else items.push(item);
}
