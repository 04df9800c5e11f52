/**
 * PeerAuthentication: STRICT where it was asked for, with the narrowest port-level exceptions that
 * declared callers from outside the mesh need.
 *
 * Istio ignores port-level modes without a selector and selector policies in the root namespace,
 * and of several policies in one scope the oldest wins: so exceptions stand at workloads only, and
 * each workload has at most one policy.
 * Source: istio/istio:pilot/pkg/security/authn/policy_applier.go
 */
import type { FlowData, WorkloadData } from '../../traffic/data';
import { meshDeclarations, workloadsIn } from '../../traffic/model';
import { Protocol } from '../../values/port';
import type { Problem } from '../../values/problem';
import type { RenderContext } from '../context';
import { flowProblem } from '../grants';
import type { Assignment, Subject } from '../subjects';
import { listedPorts, permissionsOf } from './authorization';
import type { MeshObject } from './object';
import { SECURITY } from './object';
import { workloadInMesh } from './participation';

/** Whether the workload accepts mutual TLS only, but for exceptions. */
export function isStrict({ model }: RenderContext, workload: WorkloadData): boolean {
  return meshDeclarations(model, 'mtls').some(
    (one) =>
      one.namespace === workload.namespace &&
      (one.workload === undefined || one.workload === workload.name),
  );
}

/** The policies of the mTLS declarations. */
export function mutualTlsObjects(
  context: RenderContext,
  plaintext: ReadonlyMap<string, readonly number[]>,
): MeshObject[] {
  const declared = meshDeclarations(context.model, 'mtls');
  const namespaces = declared
    .filter(({ workload }) => workload === undefined)
    .map(({ namespace }) => peerAuthentication(namespace, 'default', { mtls: STRICT }));
  const workloads = [...context.model.workloads.values()]
    .filter((one) => workloadInMesh(context, one) === true && isStrict(context, one))
    .filter((one) => declaredFor(context, one) || plaintext.has(keyOf(one)))
    .map((one) => workloadPolicy(one, plaintext.get(keyOf(one)) ?? []));
  return [
    ...new Map(
      [...namespaces, ...workloads].map((one) => [`${one.namespace}/${one.name}`, one]),
    ).values(),
  ];
}

/** Ports of STRICT workloads that callers from outside the mesh use, by `namespace/workload`. */
export function plaintextPorts(
  context: RenderContext,
  assignments: readonly Assignment[],
): { readonly ports: Map<string, number[]>; readonly problems: Problem[] } {
  const ports = new Map<string, number[]>();
  const problems: Problem[] = [];
  for (const { subject, flows } of assignments) {
    const targets = targetsOf(context, subject);
    // what narrower rules replace altogether needs no exception
    for (const { flow, caller, ports: opened } of permissionsOf(context, subject, flows)) {
      if (caller.kind === 'identified' || isTokenOnly(flow)) continue;
      if (caller.kind === 'unknown' && targets.length > 0) problems.push(unknownCaller(flow));
      for (const target of targets) {
        const numbers = opened.length > 0 ? opened : declaredTcp(target);
        const known = ports.get(keyOf(target)) ?? [];
        ports.set(
          keyOf(target),
          [...new Set([...known, ...numbers])].sort((a, b) => a - b),
        );
      }
    }
  }
  return { ports, problems };
}

/** STRICT workloads that a subject means; exceptions cannot be written for pods that are none. */
function targetsOf(context: RenderContext, { namespace, workload }: Subject): WorkloadData[] {
  return workloadsIn(context.model, namespace).filter(
    (one) =>
      (workload === undefined || one.name === workload) &&
      workloadInMesh(context, one) === true &&
      isStrict(context, one),
  );
}

/** A token says nothing about the connection: its bearer comes with the flows that let it connect. */
function isTokenOnly({ from }: FlowData): boolean {
  return from.kind === 'identity' && from.identity.kind === 'jwt';
}

function declaredFor({ model }: RenderContext, workload: WorkloadData): boolean {
  return meshDeclarations(model, 'mtls').some(
    (one) => one.namespace === workload.namespace && one.workload === workload.name,
  );
}

const STRICT = { mode: 'STRICT' };

function workloadPolicy(workload: WorkloadData, permissive: readonly number[]): MeshObject {
  const ports = permissive.map((port) => [String(port), { mode: 'PERMISSIVE' }] as const);
  return peerAuthentication(workload.namespace, `${workload.name}-mtls`, {
    selector: { matchLabels: workload.labels },
    mtls: STRICT,
    ...(ports.length > 0 && { portLevelMtls: Object.fromEntries(ports) }),
  });
}

function peerAuthentication(
  namespace: string,
  name: string,
  spec: Readonly<Record<string, unknown>>,
): MeshObject {
  const identity = { apiVersion: SECURITY, kind: 'PeerAuthentication', namespace, name };
  return { ...identity, spec, flows: [], baseline: false, allows: false };
}

function declaredTcp({ ports }: WorkloadData): number[] {
  return listedPorts(ports.filter(({ protocol }) => protocol === Protocol.TCP));
}

function keyOf({ namespace, name }: Pick<WorkloadData, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

function unknownCaller(flow: FlowData): Problem {
  return flowProblem(flow, {
    code: 'caller-mesh-unknown',
    got: flow.fromName,
    expected: `a caller that is known to be in the mesh or out of it: ${flow.toName} accepts mutual TLS only`,
    fix: `mesh: MeshMembership.IN or MeshMembership.OUT where ${flow.fromName} is declared`,
  });
}
