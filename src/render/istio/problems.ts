/**
 * What Istio would refuse, ignore or read otherwise about the callers of some pods. Nothing is ever
 * widened silently: what cannot be said exactly is a problem.
 */
import type { FlowData, WorkloadData } from '../../traffic/data';
import type { PortRange } from '../../values/port-ranges';
import { countPorts, numbersOf } from '../../values/port-ranges';
import type { Problem } from '../../values/problem';
import type { RenderContext } from '../context';
import { flowProblem } from '../flow-problem';
import type { Assignment } from '../subjects';
import type { Permission } from './authorization';
import { permissionsOf } from './authorization';
import { requestsOf } from './requests';
import { readsRequests } from './service-ports';
import type { PolicyTarget } from './targets';
import { tokensOf } from './tokens';

/** Problems of the policy of one subject. */
export function subjectProblems({ subject, flows }: Assignment): Problem[] {
  return subject.pods.matchExpressions.length === 0 ? [] : flows.map(selectorProblem);
}

/** Problems of what reaches some pods, whichever policies say it. */
export function targetProblems(context: RenderContext, target: PolicyTarget): Problem[] {
  const { workload, flows } = target;
  if (workload === undefined) return [];
  const limited = permissionsOf(context, flows).filter(({ requests }) => requests.length > 0);
  return [
    ...flows.filter((flow) => requestsOf(flow) === undefined).map(neverProblem),
    ...limited.flatMap((permission) => httpProblems(context, workload, permission)),
  ];
}

function selectorProblem(flow: FlowData): Problem {
  return flowProblem(flow, {
    code: 'selector-not-equality',
    got: flow.toName,
    expected: 'pods by equal labels: Istio knows no other selectors',
    fix: 'name the pods with labels, or declare a Workload for them',
  });
}

function neverProblem(flow: FlowData): Problem {
  return flowProblem(flow, {
    code: 'jwt-never-matches',
    got: flow.fromName,
    expected: 'rules about tokens that this subject may carry: these ask for another one',
    fix: 'leave out the subjects and the issuer where the caller is Identity.jwtSubject(…)',
  });
}

/** HTTP rules need a port whose requests the proxy sees, and tokens need somebody who checks them. */
function httpProblems(
  context: RenderContext,
  workload: WorkloadData,
  { flow, requests, ports }: Permission,
): Problem[] {
  const opaque = opaquePorts(workload, ports);
  const issuers = new Set(tokensOf(context, workload).map(({ issuer }) => issuer));
  const unchecked = requests.flatMap(({ jwt }) =>
    jwt === undefined || issuers.has(jwt.issuer) ? [] : [jwt.issuer],
  );
  return [
    ...(opaque.length === 0 ? [] : [opaqueProblem(flow, opaque)]),
    ...[...new Set(unchecked)].map((issuer) =>
      flowProblem(flow, {
        code: 'jwt-without-authentication',
        got: issuer,
        expected: `tokens that ${flow.toName} validates: without that the rule never matches`,
        fix: `new JwtAuthentication(this, 'jwt', { workload, issuer: '${issuer}', jwksUri: '…' })`,
      }),
    ),
  ];
}

/** Ports in words whose requests no proxy reads; every port is not what a workload serves. */
function opaquePorts(workload: WorkloadData, ports: readonly PortRange[]): string[] {
  const most = 256;
  if (countPorts(ports) > most) return ['more ports than the workload can serve requests on'];
  return numbersOf(ports)
    .filter((port) => !readsRequests(workload, port))
    .map((port) => `TCP ${String(port)}`);
}

function opaqueProblem(flow: FlowData, ports: readonly string[]): Problem {
  return flowProblem(flow, {
    code: 'http-on-tcp-port',
    got: ports,
    expected: 'ports that the workload declares as HTTP or gRPC: elsewhere Istio drops the rule',
    fix: 'Port.http(8080) or Port.grpc(9000) where the workload declares its ports',
  });
}
