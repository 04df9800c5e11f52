/**
 * AuthorizationPolicies for sidecars: one ALLOW policy per policy subject lists all callers whose
 * traffic passes the proxy, limited to their ports and requests.
 *
 * An ALLOW policy denies what it does not list, so it is written exactly where NetworkPolicy
 * isolates. Fields of one source or operation are AND-ed, items of a list OR-ed, rules OR-ed.
 * Source: istio/istio:pilot/pkg/security/authz/model/model.go
 */
import { normalizePorts, Protocol } from '../../values/port';
import type { PortData } from '../../values/port';
import type { HttpData, JwtData } from '../../values/http';
import { describeHttp } from '../../values/http';
import type { FlowData } from '../../traffic/data';
import type { RenderContext } from '../context';
import { portsOf } from '../grants';
import { describeReason } from '../network-policy';
import type { Subject } from '../subjects';
import type { Caller, CallerSource } from './callers';
import { callerOf, containsPeer } from './callers';
import { requestsOf, tokensOf } from './requests';

/** A range is listed port by port up to here; NetworkPolicy alone holds wider ones. */
export const LISTED_PORTS = 256;

export interface AuthorizationRule {
  readonly from?: readonly { readonly source: SourceSpec }[];
  readonly to?: readonly { readonly operation: OperationSpec }[];
  readonly when?: readonly { readonly key: string; readonly values: readonly string[] }[];
}

interface SourceSpec extends CallerSource {
  readonly requestPrincipals?: readonly string[];
}

interface OperationSpec {
  readonly methods?: readonly string[];
  readonly paths?: readonly string[];
  readonly hosts?: readonly string[];
  readonly ports?: readonly string[];
  readonly notPorts?: readonly string[];
}

/** One caller's requests on some ports: what becomes one rule. */
export interface Permission {
  readonly flow: FlowData;
  readonly caller: Caller;
  /** Pod ports; empty: all. */
  readonly ports: readonly number[];
  /** Ports that narrower rules speak about; only where `ports` is empty. */
  readonly exceptPorts: readonly number[];
  /** Empty: every request. */
  readonly requests: readonly HttpData[];
}

/** What the flows of a subject permit at the proxy. UDP and SCTP never reach it. */
export function permissionsOf(
  context: RenderContext,
  subject: Subject,
  flows: readonly FlowData[],
): Permission[] {
  const tokens =
    subject.workload === undefined
      ? []
      : tokensOf(context, { namespace: subject.namespace, name: subject.workload });
  return flows.flatMap((flow) => {
    const { ports: declared } = portsOf(context, flow);
    const tcp = declared.filter(
      ({ protocol }) => protocol === undefined || protocol === Protocol.TCP,
    );
    if (tcp.length === 0) return [];
    const ports = listedPorts(tcp);
    const narrowed = narrowedPorts(context, flow, flows);
    const left = ports.filter((port) => !narrowed.includes(port));
    if (ports.length > 0 && left.length === 0) return [];
    return [
      {
        flow,
        caller: callerOf(context, flow.from),
        ports: left,
        exceptPorts: ports.length === 0 ? narrowed : [],
        requests: requestsOf(flow, tokens),
      },
    ];
  });
}

/** Ports on which a narrower rule replaces a grant without HTTP rules. */
function narrowedPorts(
  context: RenderContext,
  flow: FlowData,
  flows: readonly FlowData[],
): number[] {
  if (flow.narrows || flow.http.length > 0) return [];
  const rules = flows.filter((rule) => rule.narrows && containsPeer(context, flow.from, rule.from));
  const ports = rules.flatMap((rule) => listedPorts(portsOf(context, rule).ports));
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** Single ports of a list; empty where it holds all ports, or more than can be listed. */
export function listedPorts(ports: readonly PortData[]): number[] {
  const normalized = normalizePorts(ports);
  const sizes = normalized.map(({ port, endPort }) => (endPort ?? port ?? 0) - (port ?? 0) + 1);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (normalized.some(({ port }) => port === undefined) || total > LISTED_PORTS) return [];
  const numbers = normalized.flatMap(({ port = 0, endPort = port }) =>
    Array.from({ length: endPort - port + 1 }, (_, index) => port + index),
  );
  return [...new Set(numbers)].sort((a, b) => a - b);
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
  const base = caller.kind === 'identified' ? caller.source : undefined;
  const listed = requests.length === 0 ? [undefined] : requests;
  return listed.map((http) => {
    const jwt = http?.jwt;
    const source =
      jwt === undefined ? base : { ...base, requestPrincipals: requestPrincipals(jwt) };
    return { source, rest: { ...toOf(permission, http), ...whenOf(http?.jwt) } };
  });
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
  { ports, exceptPorts }: Permission,
  http: HttpData | undefined,
): Pick<AuthorizationRule, 'to'> {
  const operation: OperationSpec = {
    ...(http !== undefined && http.methods.length > 0 && { methods: http.methods }),
    ...(http !== undefined && http.paths.length > 0 && { paths: http.paths }),
    ...(http !== undefined && http.hosts.length > 0 && { hosts: withPorts(http.hosts) }),
    ...(ports.length > 0 && { ports: ports.map(String) }),
    ...(exceptPorts.length > 0 && { notPorts: exceptPorts.map(String) }),
  };
  return Object.keys(operation).length === 0 ? {} : { to: [{ operation }] };
}

/** The authority is compared with its port, so both spellings are listed. */
export function withPorts(hosts: readonly string[]): string[] {
  return hosts.flatMap((host) => (host.startsWith('*') ? [host] : [host, `${host}:*`]));
}

/** `issuer/*` is any subject of the issuer. */
function requestPrincipals({ issuer, subjects }: JwtData): string[] {
  return subjects.length === 0
    ? [`${issuer}/*`]
    : subjects.map((subject) => `${issuer}/${subject}`);
}

function whenOf(jwt: JwtData | undefined): Pick<AuthorizationRule, 'when'> {
  if (jwt === undefined) return {};
  const conditions = [
    ...(jwt.audiences.length > 0 ? [{ key: 'request.auth.audiences', values: jwt.audiences }] : []),
    ...jwt.claims.map(([claim, values]) => ({ key: `request.auth.claims[${claim}]`, values })),
  ];
  return conditions.length === 0 ? {} : { when: conditions };
}

/** One line per flow: caller, ports, requests, reason. */
export function describePermissions(permissions: readonly Permission[]): string[] {
  return permissions.map(describePermission).sort();
}

function describePermission({ flow, ports, exceptPorts, requests }: Permission): string {
  const where =
    ports.length > 0 ? `TCP ${ports.join(', ')}` : `all TCP ports${exceptText(exceptPorts)}`;
  const what = requests.length === 0 ? '' : ` ${requests.map(describeHttp).join('; ')}`;
  const told = new Set(flow.reasons.map(describeReason).filter((reason) => reason !== ''));
  const reason = told.size === 0 ? '' : `: ${[...told].sort().join('; ')}`;
  return `from ${flow.fromName}: ${where}${what}${reason}`;
}

function exceptText(ports: readonly number[]): string {
  return ports.length === 0 ? '' : ` but ${ports.join(', ')}`;
}

function sortedByJson<T>(items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, key: JSON.stringify(item) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ item }) => item);
}
