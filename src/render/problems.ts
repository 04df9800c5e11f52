/**
 * What is wrong with a traffic model as a whole: everything that no single value can know.
 *
 * All problems are returned at once, each told at the construct and line that declared it.
 */
import type { FlowData, ReasonData, WorkloadData } from '../traffic/data';
import { describeFlow, DIRECTIONS, workloadKey } from '../traffic/data';
import type { ModelState } from '../traffic/model';
import { isolationsIn, workloadsIn } from '../traffic/model';
import type { PeerData } from '../values/peer';
import { isEverything, selectorMatches } from '../values/selector';
import type { Problem } from '../values/problem';
import { workloadsOf } from './containment';
import type { RenderContext } from './context';
import { flowProblem } from './flow-problem';
import { grantsOf } from './grants';
import { meshPlan } from './istio/plan';
import { limitProblems } from './limits';
import { narrowingProblems } from './narrowing-problems';

/** Every problem of the model under a profile, as of an ISO date. */
export function modelProblems(context: RenderContext, today: string): Problem[] {
  const { model } = context;
  return [
    ...conflictProblems(model),
    ...overlapProblems(model),
    ...ownershipProblems(model),
    ...[...model.flows.values()].flatMap((flow) => flowProblems(context, flow, today)),
    ...narrowingProblems(context),
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
    ...callerProblems(context, flow),
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

/** Where egress is ours to open we must know the pods of a service account, or it stays shut. */
function callerProblems({ model, profile }: RenderContext, flow: FlowData): Problem[] {
  if (flow.from.kind !== 'identity') return [];
  const { identity } = flow.from;
  if (identity.kind === 'jwt' || identity.kind === 'namespace') return [];
  const { mode, trustDomain } = profile.mesh;
  if (identity.kind === 'principal' && mode !== 'none' && identity.trustDomain !== trustDomain) {
    return [
      flowProblem(flow, {
        code: 'principal-of-another-mesh',
        got: `trust domain ${identity.trustDomain}`,
        expected: `a caller of trust domain ${trustDomain}: pods of another one are not in this cluster, so no policy can name them`,
        fix: `Identity.serviceAccount('${identity.namespace}', '${identity.name}')`,
      }),
    ];
  }
  const owned = model.namespaces.get(identity.namespace)?.ownership === 'ours';
  const shut = isolationsIn(model, identity.namespace).some(({ directions }) =>
    directions.includes('egress'),
  );
  const known = workloadsOf(model, identity).length > 0;
  if ((!owned && !shut) || known) return [];
  return [
    flowProblem(flow, {
      code: 'caller-unknown',
      got: `${identity.namespace}/${identity.name}`,
      expected: 'a workload that runs as this service account, so that its egress can be opened',
      fix: `new Workload(this, '${identity.name}', { namespace, labels: { … }, serviceAccount: '${identity.name}' })`,
    }),
  ];
}
