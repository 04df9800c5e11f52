/**
 * Declarations about a workload's requests: whether any proxy sees these requests, and what is told
 * where none does.
 */
import type { AboutRequests, RequestDeclaration } from '../../traffic/request-data';
import type { WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import { meshDeclarations } from '../../traffic/model';
import type { PortData } from '../../values/port';
import { describePort, Protocol } from '../../values/port';
import type { Problem } from '../../values/problem';
import type { RenderContext } from '../context';
import { workloadInMesh } from './participation';
import { readsRequests, requestPorts } from './service-ports';
import { portsBehindWaypoint } from './waypoints';

/** A workload whose requests a proxy sees, with its declarations of one kind. */
export interface Target<T extends AboutRequests> {
  readonly workload: WorkloadData;
  readonly declarations: readonly T[];
}

/**
 * Whether a proxy sees the workload's requests, so that a declaration of that kind holds: its sidecar,
 * or for routes the waypoint. What waypoints read otherwise than sidecars is not written for them.
 */
export function seesRequests(
  context: RenderContext,
  workload: WorkloadData | undefined,
  kind: RequestDeclaration['kind'],
): boolean {
  if (workload === undefined || workloadInMesh(context, workload) !== true) return false;
  if (context.profile.mesh.mode !== 'ambient') return true;
  const held = kind === 'route' || kind === 'jwt';
  return held && portsBehindWaypoint(context, workload).length > 0;
}

/** The workloads of some declarations whose requests a proxy sees. */
export function targetsOf<T extends RequestDeclaration>(
  context: RenderContext,
  declarations: readonly T[],
): Target<T>[] {
  const byWorkload = new Map<string, T[]>();
  for (const one of declarations) {
    const key = workloadKey(one.namespace, one.workload);
    byWorkload.set(key, [...(byWorkload.get(key) ?? []), one]);
  }
  return [...byWorkload].flatMap(([key, own]) => {
    const workload = context.model.workloads.get(key);
    const seen = own.filter(({ kind }) => seesRequests(context, workload, kind));
    return workload === undefined || seen.length === 0 ? [] : [{ workload, declarations: seen }];
  });
}

/** Declarations that no proxy can hold, and that no waiver gives up. */
export function unseenProblems(context: RenderContext): Problem[] {
  return unseen(context)
    .filter(({ withoutMesh }) => !withoutMesh)
    .map((one) => unseenProblem(context, one));
}

function unseenProblem(context: RenderContext, one: RequestDeclaration): Problem {
  const { profile, model } = context;
  const got = describeDeclaration(one);
  const waiver = `or withoutMesh: 'l4' with a reason`;
  if (profile.mesh.mode === 'none') {
    return declarationProblem(one, {
      code: 'requests-without-mesh',
      got,
      expected: `a mesh: profile ${profile.name} has none, so no proxy sees the requests`,
      fix: `ClusterProfile.${profile.name}({ mesh: Mesh.sidecar() }), ${waiver}`,
    });
  }
  const workload = model.workloads.get(workloadKey(one.namespace, one.workload));
  if (workload === undefined || workloadInMesh(context, workload) !== true) {
    return declarationProblem(one, {
      code: 'requests-out-of-mesh',
      got,
      expected: 'a workload that is known to be in the mesh: no proxy sees its requests',
      fix: `mesh: MeshMembership.IN, ${waiver}`,
    });
  }
  return declarationProblem(one, {
    code: 'requests-at-waypoint',
    got,
    expected:
      one.kind === 'route' || one.kind === 'jwt'
        ? 'a workload behind a Service: of an ambient mesh only its waypoint sees requests'
        : 'a mesh with sidecars: of an ambient mesh, neither ztunnel nor the waypoint would hold it',
    fix: `Mesh.sidecar(), ${waiver}`,
  });
}

/** What is given up where no proxy sees the requests. */
export function waiversOfDeclarations(context: RenderContext): { flow: string; what: string }[] {
  return unseen(context)
    .filter(({ withoutMesh }) => withoutMesh)
    .map((one) => ({
      flow: `requests to ${workloadKey(one.namespace, one.workload)}`,
      what: `no proxy sees them: nothing holds ${describeDeclaration(one)}`,
    }));
}

function unseen(context: RenderContext): RequestDeclaration[] {
  const { model } = context;
  const all: RequestDeclaration[] = [
    ...meshDeclarations(model, 'jwt'),
    ...meshDeclarations(model, 'route'),
    ...meshDeclarations(model, 'rate-limit'),
    ...meshDeclarations(model, 'user-rate-limit'),
    ...meshDeclarations(model, 'custom-authorization'),
  ];
  return all.filter(
    ({ namespace, workload, kind }) =>
      !seesRequests(context, model.workloads.get(workloadKey(namespace, workload)), kind),
  );
}

/** A declaration in words: `50 requests per minute`. */
export function describeDeclaration(one: RequestDeclaration): string {
  switch (one.kind) {
    case 'jwt':
      return `tokens of ${one.issuer}`;
    case 'route': {
      const shares = one.shares.map(([variant, weight]) => `${variant} ${weight}`).join(', ');
      return shares === '' ? 'a route' : `a route to ${shares}`;
    }
    case 'rate-limit':
      return `a limit of ${one.requests} requests per ${one.unit}`;
    case 'user-rate-limit':
      return `a limit by ${one.key.kind} ${one.key.name}`;
    case 'custom-authorization':
      return `external authorizer ${one.provider}`;
  }
}

/** A line of an object's annotation: what holds, and why. */
export function withReason(text: string, { reason }: AboutRequests): string {
  return reason === undefined || reason.trim() === '' ? text : `${text}: ${reason}`;
}

/** A problem of a declaration, told at the construct and line that made it. */
export function declarationProblem(
  one: AboutRequests,
  problem: Omit<Problem, 'where' | 'source'>,
): Problem {
  const where = `${one.by}: ${workloadKey(one.namespace, one.workload)}`;
  return { ...problem, where, source: one.at };
}

/** Ports on which no proxy reads requests, though a declaration is about them. */
export function opaqueProblems(
  workload: WorkloadData,
  one: AboutRequests & { readonly ports?: readonly PortData[] },
): Problem[] {
  const ports = requestPorts(workload, one.ports);
  const unread = ports.filter((port) => !readsRequests(workload, port));
  const opaque = [
    ...unread.map((port) => `TCP ${port}`),
    ...(one.ports ?? []).filter(({ protocol }) => protocol !== Protocol.TCP).map(describePort),
  ];
  if (ports.length > 0 && opaque.length === 0) return [];
  return [
    declarationProblem(one, {
      code: 'http-on-tcp-port',
      got: opaque.length === 0 ? 'no port' : opaque,
      expected: 'ports that the workload and its Services declare as HTTP or gRPC',
      fix: 'Port.http(8080) or Port.grpc(9000) where the workload declares its ports',
    }),
  ];
}
