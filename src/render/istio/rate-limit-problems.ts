/**
 * Rate limits that Istio would accept and not hold: on ports whose requests no proxy reads or that no
 * Service leads to, twice at one place, by a claim that nobody validates, counted by nobody.
 */
import type { WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import { meshDeclarations } from '../../traffic/model';
import type { RateLimitDeclaration, UserRateLimitDeclaration } from '../../traffic/request-data';
import type { Problem } from '../../values/problem';
import type { RenderContext } from '../context';
import type { Target } from './request-targets';
import {
  declarationProblem,
  describeDeclaration,
  opaqueProblems,
  targetsOf,
} from './request-targets';
import { tokensOf } from './tokens';
import { grpcPortOf, requestPorts, servedPorts } from './service-ports';

/** Ports that no limit would hold on, limits that collide, and users or services nobody knows. */
export function rateLimitProblems(context: RenderContext): Problem[] {
  const { model } = context;
  const pods = targetsOf(context, meshDeclarations(model, 'rate-limit'));
  const users = targetsOf(context, meshDeclarations(model, 'user-rate-limit'));
  return [
    ...[...pods, ...users].flatMap(({ workload, declarations }) =>
      declarations.flatMap((one) => [
        ...opaqueProblems(workload, one),
        ...unservedProblems(workload, one),
      ]),
    ),
    ...[...pods, ...users].flatMap(twiceProblems),
    ...users.flatMap(({ workload, declarations }) =>
      declarations.flatMap((one) => userProblems(context, workload, one)),
    ),
  ];
}

/** Without a Service istiod builds no filter chain for a port, and the limit would stand nowhere. */
function unservedProblems(
  workload: WorkloadData,
  one: RateLimitDeclaration | UserRateLimitDeclaration,
): Problem[] {
  const served = servedPorts(workload).map(({ podPort }) => podPort);
  const bare = requestPorts(workload, one.ports).filter((port) => !served.includes(port));
  if (bare.length === 0) return [];
  return [
    declarationProblem(one, {
      code: 'rate-limit-without-service',
      got: bare.map((port) => `TCP ${port}`),
      expected: 'ports that a Service of the workload leads to: on others Istio ignores the limit',
      fix: `services: [{ name: '${workload.name}', ports: [{ port: 80, targetPort: ${bare[0] ?? 8080} }] }] where the workload is declared`,
    }),
  ];
}

/** Two filters of one name in one chain would both count, and share their settings. */
function twiceProblems({
  workload,
  declarations,
}: Target<RateLimitDeclaration | UserRateLimitDeclaration>): Problem[] {
  return declarations.flatMap((one, index) => {
    const ports = requestPorts(workload, one.ports);
    const other = declarations.slice(0, index).find(
      (earlier) =>
        // descriptors stand at every port of a proxy
        one.kind === 'user-rate-limit' ||
        requestPorts(workload, earlier.ports).some((port) => ports.includes(port)),
    );
    if (other === undefined) return [];
    const only =
      one.kind === 'rate-limit' ? 'one limit for a port' : 'one limit of users for a workload';
    return [
      declarationProblem(one, {
        code: 'rate-limit-twice',
        got: describeDeclaration(one),
        expected: `${only}: ${other.by} declares ${describeDeclaration(other)}`,
        fix: 'keep one of them',
      }),
    ];
  });
}

function userProblems(
  context: RenderContext,
  workload: WorkloadData,
  one: UserRateLimitDeclaration,
): Problem[] {
  const key = workloadKey(one.service.namespace, one.service.workload);
  const unchecked = one.key.kind === 'claim' && tokensOf(context, workload).length === 0;
  return [
    ...(unchecked ? [claimProblem(one)] : []),
    ...(grpcPortOf(context.model.workloads.get(key)) === undefined
      ? [serviceProblem(one, key)]
      : []),
  ];
}

function claimProblem(one: UserRateLimitDeclaration): Problem {
  return declarationProblem(one, {
    code: 'claim-without-authentication',
    got: `claim ${one.key.name}`,
    expected: 'a workload that validates tokens: no claim of any other is known to the proxy',
    fix: `new JwtAuthentication(this, 'jwt', { workload, issuer: '…', jwksUri: '…' })`,
  });
}

function serviceProblem(one: UserRateLimitDeclaration, service: string): Problem {
  return declarationProblem(one, {
    code: 'rate-limit-service',
    got: service,
    expected: 'a workload with exactly one gRPC port behind a Service: proxies ask it there',
    fix: `ports: [Port.grpc(8081)], services: [{ name: 'ratelimit', ports: [{ port: 8081, name: 'grpc' }] }] where it is declared`,
  });
}
