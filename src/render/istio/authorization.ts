/**
 * AuthorizationPolicies for sidecars: one ALLOW policy per policy subject lists all callers whose
 * traffic passes the proxy, limited to their ports and requests.
 *
 * An ALLOW policy denies what it does not list, so it is written exactly where NetworkPolicy
 * isolates. Fields of one source or operation are AND-ed, items of a list OR-ed, rules OR-ed.
 * Source: istio/istio:pilot/pkg/security/authz/model/model.go
 */
import type { HttpData, JwtData } from '../../values/http';
import { describeHttp } from '../../values/http';
import { Protocol } from '../../values/port';
import type { PortRange } from '../../values/port-ranges';
import { ALL_PORTS, countPorts, holdsPort, rangesOf } from '../../values/port-ranges';
import type { FlowData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import type { RenderContext } from '../context';
import { portsOf } from '../flow-ports';
import { describeReason } from '../network-policy';
import type { Assignment } from '../subjects';
import { subjectName } from '../subjects';
import type { Caller, CallerSource } from './callers';
import { callersOf } from './callers';
import type { MeshObject } from './object';
import { SECURITY } from './object';
import { requestFields } from './operations';
import { writtenPorts } from './ports';
import { requestsOf } from './requests';
import { selectorOf } from './selectors';
import { servedPorts } from './service-ports';

export interface AuthorizationRule {
  readonly from?: readonly { readonly source: SourceSpec }[];
  readonly to?: readonly { readonly operation: OperationSpec }[];
  readonly when?: readonly ConditionSpec[];
}

interface SourceSpec extends CallerSource {
  readonly notPrincipals?: readonly string[];
  readonly requestPrincipals?: readonly string[];
}

interface OperationSpec {
  readonly methods?: readonly string[];
  readonly paths?: readonly string[];
  readonly hosts?: readonly string[];
  readonly ports?: readonly string[];
  readonly notPorts?: readonly string[];
}

interface ConditionSpec {
  readonly key: string;
  readonly values: readonly string[];
}

/** One caller's requests on some ports: what becomes one rule. */
export interface Permission {
  readonly flow: FlowData;
  readonly caller: Caller;
  /** Pod ports that were declared. */
  readonly ports: readonly PortRange[];
  /** Empty: every request. */
  readonly requests: readonly HttpData[];
  /** Ports that callers may write behind a host: the pod's, and those of Services before it. */
  readonly hostPorts: readonly number[];
}

/** What flows permit at the proxy. UDP and SCTP never reach it. */
export function permissionsOf(context: RenderContext, flows: readonly FlowData[]): Permission[] {
  return flows.flatMap((flow) => {
    const ports = rangesOf(portsOf(context, flow).ports, Protocol.TCP);
    const requests = requestsOf(flow);
    if (ports.length === 0 || requests === undefined) return [];
    const hostPorts = requests.length === 0 ? [] : hostPortsOf(context, flow, ports);
    return callersOf(context, flow.from).map((caller) => {
      return { flow, caller, ports, requests, hostPorts };
    });
  });
}

function hostPortsOf(
  { model }: RenderContext,
  { to }: FlowData,
  ports: readonly PortRange[],
): number[] {
  const workload =
    to.kind === 'workload' ? model.workloads.get(workloadKey(to.namespace, to.name)) : undefined;
  const served = workload === undefined ? [] : servedPorts(workload);
  return [
    ...new Set([
      ...(writtenPorts(ports).fields.ports ?? []).map(Number),
      ...served.filter(({ podPort }) => holdsPort(ports, podPort)).map(({ port }) => port),
    ]),
  ].sort((a, b) => a - b);
}

/** Rules of an ALLOW policy; callers with equal limits share one. */
export function rulesOf(permissions: readonly Permission[]): AuthorizationRule[] {
  const rules = new Map<string, { sources: (SourceSpec | undefined)[]; rest: AuthorizationRule }>();
  for (const permission of permissions) {
    for (const { source, rest } of rulesOfPermission(permission)) {
      const key = JSON.stringify(rest);
      const known = rules.get(key) ?? { sources: [], rest };
      known.sources.push(source);
      rules.set(key, known);
    }
  }
  return sortedByJson(
    [...rules.values()].map(({ sources, rest }) => ({ ...fromOf(sources), ...rest })),
  );
}

function rulesOfPermission(
  permission: Permission,
): { source: SourceSpec | undefined; rest: AuthorizationRule }[] {
  const { caller, requests } = permission;
  const base = sourceOf(caller);
  const listed = requests.length === 0 ? [undefined] : requests;
  return listed.map((http) => {
    const jwt = http?.jwt;
    const source =
      jwt === undefined ? base : { ...base, requestPrincipals: requestPrincipals(jwt) };
    return { source, rest: { ...toOf(permission, http), ...whenOf(http?.jwt) } };
  });
}

function sourceOf(caller: Caller): SourceSpec | undefined {
  switch (caller.kind) {
    case 'identified':
      return caller.source;
    case 'outside':
      return { notPrincipals: ['*'] };
    case 'anybody':
    case 'unknown':
      return undefined;
  }
}

/** A rule that anybody may use has no `from`; an empty list is never written. */
function fromOf(sources: readonly (SourceSpec | undefined)[]): Pick<AuthorizationRule, 'from'> {
  const named = sources.flatMap((source) => source ?? []);
  if (named.length < sources.length) return {};
  const distinct = new Map(mergeSources(named).map((source) => [JSON.stringify(source), source]));
  return { from: sortedByJson([...distinct.values()]).map((source) => ({ source })) };
}

/** Sources of one field only are OR-ed in one list: shorter, and the same. */
function mergeSources(sources: readonly SourceSpec[]): SourceSpec[] {
  const byShape = new Map<string, SourceSpec>();
  for (const source of sources) {
    const [field, ...others] = Object.keys(source) as (keyof SourceSpec)[];
    const single = field !== undefined && others.length === 0;
    const key = single ? field : JSON.stringify(source);
    const known = byShape.get(key);
    if (known === undefined || !single) {
      byShape.set(key, source);
    } else {
      const values = [...(known[field] ?? []), ...(source[field] ?? [])];
      byShape.set(key, { [field]: [...new Set(values)].sort() });
    }
  }
  // the API takes at most 16 service accounts in one list
  return [...byShape.values()].flatMap(splitAccounts);
}

function splitAccounts(source: SourceSpec): SourceSpec[] {
  const { serviceAccounts = [], ...rest } = source;
  if (serviceAccounts.length <= 16) return [source];
  const chunks = Array.from({ length: Math.ceil(serviceAccounts.length / 16) }, (_, index) =>
    serviceAccounts.slice(index * 16, index * 16 + 16),
  );
  return chunks.map((chunk) => ({ serviceAccounts: chunk, ...rest }));
}

function toOf(
  { ports, hostPorts }: Permission,
  http: HttpData | undefined,
): Pick<AuthorizationRule, 'to'> {
  const operation: OperationSpec = {
    ...(http !== undefined && requestFields(http, hostPorts)),
    ...writtenPorts(ports).fields,
  };
  return Object.keys(operation).length === 0 ? {} : { to: [{ operation }] };
}

/** `issuer/*` is any subject of the issuer. */
function requestPrincipals({ issuer, subjects }: JwtData): string[] {
  return subjects.length === 0 || subjects.some(isSplit)
    ? [`${issuer}/*`]
    : subjects.map((subject) => `${issuer}/${subject}`);
}

/** Istio splits a principal at its last slash: such a subject is asked for as a claim. */
function isSplit(subject: string): boolean {
  return subject.includes('/');
}

function whenOf(jwt: JwtData | undefined): Pick<AuthorizationRule, 'when'> {
  if (jwt === undefined) return {};
  const { subjects, audiences, claims } = jwt;
  const conditions = [
    ...(audiences.length > 0 ? [{ key: 'request.auth.audiences', values: audiences }] : []),
    ...(subjects.some(isSplit) ? [{ key: 'request.auth.claims[sub]', values: subjects }] : []),
    ...claims.map(([claim, values]) => ({ key: `request.auth.claims[${claim}]`, values })),
  ];
  return conditions.length === 0 ? {} : { when: conditions };
}

/** The ALLOW policy of a subject's pods. */
export function allowPolicy(
  { subject, flows }: Assignment,
  context: RenderContext,
  permissions = permissionsOf(context, flows),
): MeshObject {
  const rules = rulesOf(permissions);
  return {
    apiVersion: SECURITY,
    kind: 'AuthorizationPolicy',
    namespace: subject.namespace,
    name: subjectName(subject),
    spec: {
      ...selectorOf(subject.pods),
      action: 'ALLOW',
      // no rules at all allow nothing; an empty list would be read the same and looks otherwise
      ...(rules.length > 0 && { rules }),
    },
    flows: describePermissions(permissionsOf(context, flows)),
    baseline: subject.group !== 'own',
    allows: true,
  };
}

/** One line per flow: caller, ports, requests, reason. */
export function describePermissions(permissions: readonly Permission[]): string[] {
  return [...new Set(permissions.map(describePermission))].sort();
}

function describePermission({ flow, ports, requests }: Permission): string {
  const where =
    countPorts(ports) === countPorts(ALL_PORTS)
      ? 'all TCP ports'
      : `TCP ${ports.map(describeRange).join(', ')}`;
  const what = requests.length === 0 ? '' : ` ${requests.map(describeHttp).join('; ')}`;
  const told = new Set(flow.reasons.map(describeReason).filter((reason) => reason !== ''));
  const reason = told.size === 0 ? '' : `: ${[...told].sort().join('; ')}`;
  return `from ${flow.fromName}: ${where}${what}${reason}`;
}

function describeRange([low, high]: PortRange): string {
  return low === high ? String(low) : `${String(low)}-${String(high)}`;
}

function sortedByJson<T>(items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, key: JSON.stringify(item) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ item }) => item);
}
