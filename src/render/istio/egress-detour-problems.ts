/**
 * Egress gateways that cannot do what was declared: ends without a proxy, hosts that two namespaces
 * would configure on one gateway, callers that it would take for each other.
 */
import { workloadKey } from '../../traffic/data';
import type { Problem } from '../../values/problem';
import type { RenderContext } from '../context';
import { flowProblem } from '../flow-problem';
import { sourceAdmits } from './admission';
import { callerOf } from './callers';
import type { Detour, DetourCaller } from './egress-gateway';
import { peerInMesh, workloadInMesh } from './participation';

export function detourProblems(context: RenderContext, detours: readonly Detour[]): Problem[] {
  return detours.flatMap((detour) =>
    detour.callers.flatMap((caller) => [
      ...proxyProblems(context, detour, caller),
      ...selectorProblems(caller),
      ...homeProblems(detours, detour, caller),
      ...identityProblems(context, detours, { detour, caller }),
    ]),
  );
}

function proxyProblems(
  context: RenderContext,
  { gateway }: Detour,
  { from, flows }: DetourCaller,
): Problem[] {
  const name = workloadKey(gateway.namespace, gateway.name);
  const ends = [
    { ok: peerInMesh(context, from) === true, who: flows[0]?.fromName ?? '' },
    { ok: workloadInMesh(context, gateway) === true, who: name },
  ];
  return ends
    .filter(({ ok }) => !ok)
    .flatMap(({ who }) =>
      flows.map((flow) =>
        flowProblem(flow, {
          code: 'via-without-proxy',
          got: who,
          expected: `callers and an egress gateway that take part in the mesh: nothing takes the traffic of others to ${name}`,
          fix: `mesh: MeshMembership.IN where ${who} is declared`,
        }),
      ),
    );
}

function selectorProblems({ from, flows }: DetourCaller): Problem[] {
  if (from.kind !== 'pods' || from.pods.matchExpressions.length === 0) return [];
  return flows.map((flow) =>
    flowProblem(flow, {
      code: 'selector-not-equality',
      got: flow.fromName,
      expected: 'callers by equal labels: Istio knows no other selectors',
      fix: 'name the pods with labels, or declare a Workload for them',
    }),
  );
}

/** A gateway takes a host from one Gateway resource and drops it from all others (IST0145). */
function homeProblems(
  detours: readonly Detour[],
  { host, gateway, home }: Detour,
  { flows }: DetourCaller,
): Problem[] {
  const first = detours.find((one) => one.host === host && one.gateway === gateway);
  if (first === undefined || first.home === home) return [];
  return flows.map((flow) =>
    flowProblem(flow, {
      code: 'via-host-twice',
      got: host,
      expected: `one namespace that configures it at ${workloadKey(gateway.namespace, gateway.name)}: ${first.home} does already`,
      fix: `MlNamespace.existing(scope, id, { name: '${gateway.namespace}', isolation }), so that it is configured there`,
    }),
  );
}

/** The gateway knows its callers by identity only. */
function identityProblems(
  context: RenderContext,
  detours: readonly Detour[],
  { detour, caller }: { readonly detour: Detour; readonly caller: DetourCaller },
): Problem[] {
  const known = callerOf(context, caller.from);
  const gaining = detours
    .filter(({ gateway, host }) => gateway === detour.gateway && host !== detour.host)
    .flatMap(({ callers }) => callers)
    .filter((other) => !detour.callers.some(({ from }) => sameEnd(from, other.from)))
    .flatMap(({ flows }) => flows)
    .filter((flow) => sourceAdmits(context, known, flow));
  return [...new Set(gaining)].map((flow) =>
    flowProblem(flow, {
      code: 'shared-identity',
      got: `${flow.fromName}, whom the egress gateway cannot tell from ${caller.flows[0]?.fromName ?? ''}`,
      expected: `a service account of its own: it could reach ${detour.host} too`,
      fix: 'serviceAccount of its own for each of the two workloads',
    }),
  );
}

function sameEnd(a: DetourCaller['from'], b: DetourCaller['from']): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
