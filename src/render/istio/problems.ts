/**
 * What Istio would refuse, ignore or read otherwise about a workload's callers, and callers that it
 * cannot tell apart. Nothing is ever widened silently: what cannot be said exactly is a problem.
 */
import type { HttpData } from '../../values/http';
import { describeHttp } from '../../values/http';
import type { Problem } from '../../values/problem';
import type { FlowData, WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import { workloadsIn } from '../../traffic/model';
import type { RenderContext } from '../context';
import { flowProblem, portsOf } from '../grants';
import type { Assignment } from '../subjects';
import type { Permission } from './authorization';
import { listedPorts, permissionsOf } from './authorization';
import { containsPeer, sourceAdmits } from './callers';
import { pathContains, tokensOf } from './requests';

/** Problems of the policy of one subject. */
export function authorizationProblems(context: RenderContext, assignment: Assignment): Problem[] {
  const { subject, flows } = assignment;
  const { workload: name, namespace, pods } = subject;
  const permissions = permissionsOf(context, subject, flows);
  const workload =
    name === undefined ? undefined : context.model.workloads.get(workloadKey(namespace, name));
  const selector = pods.matchExpressions.length === 0 ? [] : flows.map(selectorProblem);
  if (workload === undefined) return [...selector, ...wholeNamespaceProblems(context, assignment)];
  return [
    ...selector,
    ...permissions.flatMap((permission) => httpProblems(context, workload, permission)),
    ...sharedIdentityProblems(context, permissions),
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

/** HTTP rules need a port whose requests the proxy sees, and tokens need somebody who checks them. */
function httpProblems(
  context: RenderContext,
  workload: WorkloadData,
  { flow, requests, ports }: Permission,
): Problem[] {
  if (requests.length === 0) return [];
  const opaque = ports.filter((port) => !isHttp(workload, port));
  const issuers = new Set(tokensOf(context, workload).map(({ issuer }) => issuer));
  const unchecked = requests.flatMap(({ jwt }) =>
    jwt === undefined || issuers.has(jwt.issuer) ? [] : [jwt.issuer],
  );
  return [
    ...(opaque.length === 0 && ports.length > 0 ? [] : [opaqueProblem(flow, opaque)]),
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

function opaqueProblem(flow: FlowData, ports: readonly number[]): Problem {
  return flowProblem(flow, {
    code: 'http-on-tcp-port',
    got: ports.length === 0 ? 'all ports' : ports.map((port) => `TCP ${String(port)}`),
    expected: 'ports that the workload declares as HTTP or gRPC: elsewhere Istio drops the rule',
    fix: 'Port.http(8080) or Port.grpc(9000) where the workload declares its ports',
  });
}

function isHttp(workload: WorkloadData, number: number): boolean {
  return workload.ports.some(
    ({ port, endPort = port, appProtocol }) =>
      (appProtocol === 'http' || appProtocol === 'grpc') &&
      port !== undefined &&
      endPort !== undefined &&
      port <= number &&
      number <= endPort,
  );
}

/** A grant to all pods of a namespace cannot be narrowed for one workload of it: rules only add up. */
function wholeNamespaceProblems(context: RenderContext, { subject, flows }: Assignment): Problem[] {
  const limited = [...context.model.flows.values()].filter(({ to, narrows }) => {
    return narrows && to.kind === 'workload' && to.namespace === subject.namespace;
  });
  const guarded = workloadsIn(context.model, subject.namespace).filter(
    (workload) => tokensOf(context, workload).length > 0,
  );
  return flows.flatMap((flow) => {
    const ports = portsOf(context, flow).ports;
    const rule = limited.find(
      (one) =>
        flow.http.length === 0 &&
        containsPeer(context, flow.from, one.from) &&
        overlaps(listedPorts(ports), listedPorts(portsOf(context, one).ports)),
    );
    const token = guarded.find(({ ports: own }) =>
      own.some(
        ({ port, appProtocol }) =>
          port !== undefined && appProtocol !== undefined && overlaps(listedPorts(ports), [port]),
      ),
    );
    return [
      ...(rule === undefined ? [] : [namespaceGrantProblem(flow, rule.toName)]),
      ...(token === undefined
        ? []
        : [namespaceGrantProblem(flow, workloadKey(token.namespace, token.name))]),
    ];
  });
}

function namespaceGrantProblem(flow: FlowData, workload: string): Problem {
  return flowProblem(flow, {
    code: 'namespace-grant-narrowed',
    got: `a grant to all pods of ${flow.toName}`,
    expected: `grants to single workloads where requests to one of them, ${workload}, are limited`,
    fix: 'grant to each workload, or leave the limited port out of the grant',
  });
}

/** Callers whom Istio takes for each other must not gain by it. */
function sharedIdentityProblems(
  context: RenderContext,
  permissions: readonly Permission[],
): Problem[] {
  return permissions.flatMap((other) =>
    permissions
      .filter((rule) => rule !== other && gains(context, rule, other, permissions))
      .map((rule) =>
        flowProblem(other.flow, {
          code: 'shared-identity',
          got: `${other.flow.fromName}, whom the mesh cannot tell from ${rule.flow.fromName}`,
          expected: `a service account of its own: it would be allowed ${described(rule.requests)}`,
          fix: 'serviceAccount of its own for each of the two workloads, in the mesh',
        }),
      ),
  );
}

function gains(
  context: RenderContext,
  rule: Permission,
  other: Permission,
  permissions: readonly Permission[],
): boolean {
  if (other.requests.length === 0) return false;
  if (!overlaps(rule.ports, other.ports)) return false;
  if (containsPeer(context, rule.flow.from, other.flow.from)) return false;
  if (!sourceAdmits(context, rule.caller, other.flow)) return false;
  const declared = permissions
    .filter(({ flow }) => containsPeer(context, flow.from, other.flow.from))
    .flatMap(({ requests }) => (requests.length === 0 ? [ANY_REQUEST] : requests));
  const granted = rule.requests.length === 0 ? [ANY_REQUEST] : rule.requests;
  return !granted.every((request) => declared.some((one) => requestContains(one, request)));
}

const ANY_REQUEST: HttpData = { methods: [], paths: [], hosts: [] };

function described(requests: readonly HttpData[]): string {
  return requests.length === 0 ? 'every request' : requests.map(describeHttp).join('; ');
}

function overlaps(a: readonly number[], b: readonly number[]): boolean {
  return a.length === 0 || b.length === 0 || a.some((port) => b.includes(port));
}

/** Whether every request of the inner rule is one of the outer rule. */
function requestContains(outer: HttpData, inner: HttpData): boolean {
  const sameToken =
    outer.jwt === undefined || JSON.stringify(outer.jwt) === JSON.stringify(inner.jwt);
  return (
    sameToken &&
    listContains(outer.methods, inner.methods, (a, b) => a === b) &&
    listContains(outer.paths, inner.paths, pathContains) &&
    listContains(outer.hosts, inner.hosts, (a, b) => a === b)
  );
}

function listContains(
  outer: readonly string[],
  inner: readonly string[],
  contains: (a: string, b: string) => boolean,
): boolean {
  if (outer.length === 0) return true;
  return inner.length > 0 && inner.every((b) => outer.some((a) => contains(a, b)));
}
