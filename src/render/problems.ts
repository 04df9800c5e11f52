/**
 * What is wrong with a traffic model as a whole: everything that no single value can know.
 *
 * All problems are returned at once, each told at the construct and line that declared it.
 */
import type { FlowData, ReasonData, WorkloadData } from '../traffic/data';
import { describeFlow, DIRECTIONS, workloadKey } from '../traffic/data';
import type { ModelState } from '../traffic/model';
import { isIsolated, isolationsIn, workloadsIn } from '../traffic/model';
import type { PeerData } from '../values/peer';
import { isEverything, selectorMatches } from '../values/selector';
import type { Problem } from '../values/problem';
import type { RenderContext } from './context';
import { flowProblem, grantsOf } from './grants';
import { workloadInMesh } from './istio/participation';
import { meshPlan } from './istio/plan';
import { limitOf } from './limits';

/** Every problem of the model under a profile, as of an ISO date. */
export function modelProblems(context: RenderContext, today: string): Problem[] {
  const { model } = context;
  return [
    ...conflictProblems(model),
    ...overlapProblems(model),
    ...ownershipProblems(model),
    ...[...model.flows.values()].flatMap((flow) => flowProblems(context, flow, today)),
    ...meshPlan(context).problems,
  ];
}

function flowProblems(context: RenderContext, flow: FlowData, today: string): Problem[] {
  const grants = DIRECTIONS.flatMap((direction) => grantsOf(context, flow, { direction }).problems);
  const distinct = new Map(grants.map((problem) => [JSON.stringify(problem), problem]));
  return [
    ...distinct.values(),
    ...reasonProblems(context, flow),
    ...expiryProblems(flow, today),
    ...limitProblems(context, flow),
    ...callerProblems(context.model, flow),
  ];
}

function conflictProblems(model: ModelState): Problem[] {
  return model.conflicts.map(({ code, what, paths: [first, second] }) => ({
    code,
    where: second,
    got: what,
    expected: `one declaration of it: ${first} declares it already`,
    fix:
      code === 'namespace-twice'
        ? `MlNamespace.fromName(scope, id, '${what}'), or use the construct of ${first}`
        : `give one of them another name, or use the construct of ${first}`,
  }));
}

/** Nothing is written into a namespace that only occurs as a peer. */
function ownershipProblems(model: ModelState): Problem[] {
  return [...model.isolations.values()].flatMap(({ namespace, by }) => {
    const ownership = model.namespaces.get(namespace)?.ownership;
    if (ownership === 'ours' || ownership === 'existing') return [];
    return [
      {
        code: 'namespace-not-ours',
        where: by,
        got: namespace,
        expected: 'a namespace that we own or write into: it was declared only as a peer',
        fix: `MlNamespace.existing(this, '${namespace}', { name: '${namespace}', isolation: Isolation.BOTH })`,
      },
    ];
  });
}

/** Two workloads whose labels select the same pods could not be told apart by any policy. */
function overlapProblems(model: ModelState): Problem[] {
  const namespaces = new Set([...model.workloads.values()].map(({ namespace }) => namespace));
  return [...namespaces].flatMap((namespace) => {
    const workloads = workloadsIn(model, namespace);
    const byLabel = new Map<string, WorkloadData[]>();
    for (const workload of workloads) {
      const [label] = Object.entries(workload.labels).map((pair) => JSON.stringify(pair));
      const sharing = byLabel.get(label ?? '') ?? [];
      byLabel.set(label ?? '', [...sharing, workload]);
    }
    return workloads.flatMap((inner) => {
      const labels = Object.entries(inner.podLabels).map((pair) => JSON.stringify(pair));
      return labels
        .flatMap((label) => byLabel.get(label) ?? [])
        .filter((outer) => outer !== inner && selects(outer, inner))
        .map((outer) => overlapProblem(outer, inner));
    });
  });
}

function selects(outer: WorkloadData, inner: WorkloadData): boolean {
  return selectorMatches({ matchLabels: outer.labels, matchExpressions: [] }, inner.podLabels);
}

function overlapProblem(outer: WorkloadData, inner: WorkloadData): Problem {
  return {
    code: 'workloads-overlap',
    where: outer.by,
    got: outer.labels,
    expected: `labels that select its own pods only: they select the pods of ${workloadKey(inner.namespace, inner.name)} too`,
    fix: 'add a label that the other pods do not carry, or declare one workload for both',
  };
}

function reasonProblems({ profile }: RenderContext, flow: FlowData): Problem[] {
  if (flow.reasons.some(({ reason }) => reason !== undefined && reason.trim() !== '')) return [];
  const why = needsReason(flow.from, flow.to, profile.apiServer.addresses.length === 0);
  if (why === undefined) return [];
  return [
    flowProblem(flow, {
      code: 'reason-missing',
      got: undefined,
      expected: `a reason, because the flow ${why}`,
      fix: `reason: 'what it is needed for'`,
    }),
  ];
}

function needsReason(
  from: PeerData,
  to: PeerData,
  apiServerIsAnybody: boolean,
): string | undefined {
  if (to.kind === 'cidr' || to.kind === 'fqdn' || to.kind === 'internet')
    return 'leaves the cluster';
  if (namesEverybody(from) || namesEverybody(to)) return 'names everybody';
  if (from.kind === 'kube-apiserver' && apiServerIsAnybody) {
    return 'opens the port for everybody while the API server’s addresses are unknown';
  }
  return undefined;
}

function namesEverybody(peer: PeerData): boolean {
  if (peer.kind === 'any' || peer.kind === 'internet') return true;
  return peer.kind === 'pods' && peer.namespaces.kind === 'all' && isEverything(peer.pods);
}

function expiryProblems(flow: FlowData, today: string): Problem[] {
  return flow.reasons
    .filter(({ expires }) => expires !== undefined && expires < today)
    .map((reason: ReasonData) => ({
      ...flowProblem(flow, {
        code: 'flow-expired',
        got: reason.expires,
        expected: `a date from ${today} on: the flow has expired`,
        fix: 'remove the flow, or agree on a new date',
      }),
      where: `${reason.by}: ${describeFlow(flow)}`,
      source: reason.at,
    }));
}

/** Limits that only a mesh can hold, on a target that is isolated. */
function limitProblems({ model, profile }: RenderContext, flow: FlowData): Problem[] {
  const limit = limitOf(flow);
  if (limit === undefined || flow.withoutMesh) return [];
  if (profile.mesh.mode === 'none') {
    return [
      flowProblem(flow, {
        code: 'limit-without-mesh',
        got: limit,
        expected: `a mesh that can hold it: profile ${profile.name} has none`,
        fix: `ClusterProfile.${profile.name}({ mesh: Mesh.sidecar() }), or withoutMesh: 'l4' with a reason`,
      }),
    ];
  }
  const target =
    flow.to.kind === 'workload'
      ? model.workloads.get(workloadKey(flow.to.namespace, flow.to.name))
      : undefined;
  if (target === undefined) return isolatedPods(model, flow) ? [] : [notIsolated(flow, limit)];
  if (!isWritable(model, target.namespace) || !isIsolated(model, target, 'ingress')) {
    return [notIsolated(flow, limit)];
  }
  if (workloadInMesh({ model, profile }, target) === true) return [];
  return [
    flowProblem(flow, {
      code: 'limit-out-of-mesh',
      got: limit,
      expected: `a target in the mesh: ${flow.toName} has no proxy that could hold it`,
      fix: `mesh: MeshMembership.IN, or withoutMesh: 'l4' with a reason`,
    }),
  ];
}

function notIsolated(flow: FlowData, limit: string): Problem {
  return flowProblem(flow, {
    code: 'limit-not-isolated',
    got: limit,
    expected: `pods of ours that are isolated: nothing written here limits ${flow.toName}`,
    fix: `new DefaultDeny(this, 'default-deny', { namespace })`,
  });
}

/** Identities may be asked for by whole namespaces; requests only by single workloads. */
function isolatedPods(model: ModelState, { to, http }: FlowData): boolean {
  if (http.length > 0 || to.kind !== 'pods' || to.namespaces.kind !== 'names') return false;
  return to.namespaces.names.every(
    (name) =>
      isWritable(model, name) &&
      isolationsIn(model, name).some(
        ({ pods, directions }) => isEverything(pods) && directions.includes('ingress'),
      ),
  );
}

function isWritable(model: ModelState, namespace: string): boolean {
  const ownership = model.namespaces.get(namespace)?.ownership;
  return ownership === 'ours' || ownership === 'existing';
}

/** Of a service account in a namespace of ours we must know the pods, or their egress stays shut. */
function callerProblems(model: ModelState, flow: FlowData): Problem[] {
  if (flow.from.kind !== 'identity') return [];
  const { identity } = flow.from;
  if (identity.kind === 'jwt' || identity.kind === 'namespace') return [];
  const owned = model.namespaces.get(identity.namespace)?.ownership === 'ours';
  const known = workloadsIn(model, identity.namespace).some(
    ({ serviceAccount }) => serviceAccount === identity.name,
  );
  if (!owned || known) return [];
  return [
    flowProblem(flow, {
      code: 'caller-unknown',
      got: `${identity.namespace}/${identity.name}`,
      expected: 'a workload that runs as this service account, so that its egress can be opened',
      fix: `new Workload(this, '${identity.name}', { namespace, labels: { … }, serviceAccount: '${identity.name}' })`,
    }),
  ];
}
