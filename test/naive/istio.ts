/**
 * Does a mesh of sidecars let this request through? The answer, short enough to check by eye: no
 * index, no cache, nothing from src/, for ever. Ids are rows of ../shared/knowledge/istio.md.
 *
 * - NetworkPolicy is another question (network-policy.ts): a request passes if both say yes.
 * - Manifests are ones that Istio accepts; a field that is not read here throws.
 * - Only proxies enforce: pods outside the mesh, UDP and the proxies' own ports are never held.
 * - A token whose issuer no rule names is refused like an invalid one ("Jwt issuer is not configured").
 * - CUSTOM is a condition: `providerSaysYes` is the answer of every external authorizer.
 *
 * Ambient: ztunnel and waypoints read the same policies otherwise (istio.md 4). That is a function
 * beside `meshAllows`, in a file of its own.
 */

import { inCidr } from './cidr';
import type { MeshIdentity } from './istio-match';
import {
  matchesAccount,
  matchesClaim,
  matchesHost,
  matchesNamespace,
  matchesPath,
  matchesPrincipal,
  matchesRequestPrincipal,
  matchesText,
} from './istio-match';
import type {
  Action,
  Attachment,
  AuthorizationSpec,
  Condition,
  Fields,
  MeshPod,
  MeshRequest,
  MeshRule,
  MeshWorld,
  Mode,
  Policy,
  Token,
} from './istio-world';
import { selects } from './selector';

/** Metrics and health of sidecars: excluded from redirection (istio.md 9.4). */
const NEVER_CAPTURED = [15020, 15021, 15090];

export function meshAllows(
  world: MeshWorld,
  request: MeshRequest,
  providerSaysYes = true,
): boolean {
  const { to, port, protocol = 'TCP', jwt } = request;
  if (!to.inMesh || protocol !== 'TCP') return true;
  if (world.capturesAll !== true && NEVER_CAPTURED.includes(port)) return true;
  const identity = identityOf(world, request);
  if (mtlsMode(world, to, port) === 'STRICT' && identity === undefined) return false; // PA-08
  const token = to.httpPorts.includes(port) ? jwt : undefined;
  if (token !== undefined && isRefused(world, to, token)) return false; // JWT-01
  const seen: Seen = {
    request,
    identity,
    // JWT-02: nobody reads the token where nothing validates it
    token: jwtRulesFor(world, to).length > 0 ? token : undefined,
    http: to.httpPorts.includes(port),
  };
  // AP-02
  const policies = authorizationsFor(world, to);
  const of = (action: Action): Authorization[] =>
    policies.filter(({ spec }) => (spec?.action ?? 'ALLOW') === action);
  const matches = (policy: Authorization): boolean => policyMatches(policy, seen);
  if (of('CUSTOM').some(matches) && !providerSaysYes) return false;
  if (of('DENY').some(matches)) return false;
  return of('ALLOW').length === 0 || of('ALLOW').some(matches);
}

type Authorization = Policy<AuthorizationSpec>;

/** What a rule is compared with. */
interface Seen {
  readonly request: MeshRequest;
  readonly identity: MeshIdentity | undefined;
  readonly token: Token | undefined;
  readonly http: boolean;
}

/** Who the certificate says is calling; nobody, without one (AP-40). */
function identityOf(world: MeshWorld, { from, to, port, plaintext }: MeshRequest) {
  if (!('namespace' in from) || !from.inMesh || plaintext === true) return undefined;
  if (mtlsMode(world, to, port) === 'DISABLE') return undefined;
  const { namespace, serviceAccount: account = 'default' } = from;
  return { trustDomain: world.trustDomain, namespace, account };
}

/** PA-01: mesh < namespace < workload < port, UNSET inherits, PERMISSIVE in the end. */
export function mtlsMode(world: MeshWorld, pod: MeshPod, port: number): Mode {
  const { rootNamespace: root, peerAuthentications } = world;
  const oldest = [...peerAuthentications].sort((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1)); // PA-02
  const scope = (namespace: string, whole: boolean) =>
    oldest.find(
      (one) =>
        one.metadata.namespace === namespace &&
        isWhole(one.spec) === whole &&
        selects(one.spec?.selector ?? {}, pod.labels ?? {}),
    );
  const workload = pod.namespace === root ? undefined : scope(pod.namespace, false); // PA-03
  const modes = [
    workload?.spec?.portLevelMtls?.[String(port)]?.mode, // PA-05
    workload?.spec?.mtls?.mode,
    scope(pod.namespace, true)?.spec?.mtls?.mode,
    scope(root, true)?.spec?.mtls?.mode,
  ];
  return modes.find((mode) => !!mode && mode !== 'UNSET') ?? 'PERMISSIVE';
}

const ageOf = ({ metadata: { creationTimestamp, name } }: Policy<unknown>): string =>
  `${creationTimestamp ?? ''} ${name}`;

/** PA-04: an empty selector is none. */
const isWhole = (spec: Attachment | null | undefined): boolean =>
  Object.keys(spec?.selector?.matchLabels ?? {}).length === 0;

/** Root namespace and the pod's own; a selector of the root namespace selects everywhere (1.2). */
function appliesTo(world: MeshWorld, { metadata, spec }: Policy<unknown>, pod: MeshPod): boolean {
  if (spec?.targetRef !== undefined || spec?.targetRefs !== undefined) return false;
  if (![world.rootNamespace, pod.namespace].includes(metadata.namespace ?? 'default')) return false;
  return selects(spec?.selector ?? {}, pod.labels ?? {});
}

function authorizationsFor(world: MeshWorld, pod: MeshPod): Authorization[] {
  return world.authorizations.filter(
    (policy) =>
      appliesTo(world, policy, pod) && policy.metadata.annotations?.['istio.io/dry-run'] !== 'true',
  );
}

function jwtRulesFor(world: MeshWorld, pod: MeshPod) {
  const applying = world.requestAuthentications.filter((policy) => appliesTo(world, policy, pod));
  return applying.flatMap(({ spec }) => spec?.jwtRules ?? []); // JWT-03
}

function isRefused(world: MeshWorld, pod: MeshPod, { valid, issuer, audiences = [] }: Token) {
  const rules = jwtRulesFor(world, pod);
  const accepts = rules.some(
    (rule) =>
      rule.issuer === issuer &&
      (!rule.audiences?.length || rule.audiences.some((one) => audiences.includes(one))),
  );
  return rules.length > 0 && !(valid && accepts);
}

/** AP-04: OR over rules. No rules match nothing; an empty rule matches everything (1.3). */
function policyMatches({ metadata, spec }: Authorization, seen: Seen): boolean {
  const home = metadata.namespace ?? 'default';
  const allows = (spec?.action ?? 'ALLOW') === 'ALLOW';
  return (spec?.rules ?? []).some((rule) => {
    // 1.6: on bytes, ALLOW drops the rule, the others drop the field
    if (!seen.http && allows && usesHttp(rule)) return false;
    return ruleMatches(rule, seen, home);
  });
}

/** AP-04: AND over from, to and when. */
function ruleMatches({ from, to, when }: MeshRule, seen: Seen, home: string): boolean {
  return (
    anyOf(from, ({ source }) => fieldsMatch(source, seen, home)) &&
    anyOf(to, ({ operation }) => fieldsMatch(operation, seen, home)) &&
    (when ?? []).every((condition) => conditionMatches(condition, seen, home))
  );
}

/** An empty list decodes to an absent one, which means every one (1.3). */
function anyOf<T>(list: readonly T[] | null | undefined, test: (item: T) => boolean): boolean {
  return !list?.length || list.some(test);
}

const HTTP_ONLY = /^(hosts|methods|paths|requestPrincipals|request\.(headers|auth)\b.*)$/;
const positive = (field: string): string =>
  field.replace(/^not([A-Z])/, (_, first: string) => first.toLowerCase());

function usesHttp({ from, to, when }: MeshRule): boolean {
  const fields = [
    ...(from ?? []).map(({ source }) => source),
    ...(to ?? []).map((it) => it.operation),
  ];
  const used = fields.flatMap((all) => Object.keys(all).filter((field) => !!all[field]?.length));
  return [...used.map(positive), ...(when ?? []).map(({ key }) => key)].some((name) =>
    HTTP_ONLY.test(name),
  );
}

/** AP-04: fields AND, values OR, `notX` = NOT(OR): it holds for callers without identity (AP-41). */
function fieldsMatch(fields: Fields, seen: Seen, home: string): boolean {
  return Object.entries(fields).every(([field, values]) => {
    const name = positive(field);
    if (!values?.length || (!seen.http && HTTP_ONLY.test(name))) return true;
    const listed = values.some((value) => valueMatches(name, value, seen, home));
    return name === field ? listed : !listed;
  });
}

function conditionMatches({ key, values, notValues }: Condition, seen: Seen, home: string) {
  if (!seen.http && HTTP_ONLY.test(key)) return true;
  const holds = (value: string): boolean => valueMatches(key, value, seen, home);
  return anyOf(values, holds) && !(notValues ?? []).some(holds);
}

function valueMatches(name: string, value: string, seen: Seen, home: string): boolean {
  const { request, identity, token } = seen;
  const { method = '', path = '', host = '', port, from } = request;
  const ips = 'namespace' in from ? (from.ips ?? (from.ip ? [from.ip] : [])) : [from.ip];
  const known: Readonly<Record<string, () => boolean>> = {
    principals: () => !!identity && matchesPrincipal(value, identity),
    namespaces: () => !!identity && matchesNamespace(value, identity),
    serviceAccounts: () => !!identity && matchesAccount(value, identity, home),
    trustDomains: () => !!identity && matchesText(value, identity.trustDomain),
    ipBlocks: () => ips.some((ip) => inCidr(value.includes('/') ? value : blockOf(value), ip)),
    requestPrincipals: () =>
      !!token && matchesRequestPrincipal(value, token.issuer, token.subject ?? ''),
    methods: () => matchesText(value, method), // AP-23: case counts
    paths: () => matchesPath(value, path),
    hosts: () => matchesHost(value, host),
    ports: () => Number(value) === port, // AP-34: pod ports
  };
  const same: Readonly<Record<string, string>> = {
    'source.principal': 'principals',
    'source.namespace': 'namespaces',
    'source.serviceAccount': 'serviceAccounts',
    'source.ip': 'ipBlocks',
    'request.auth.principal': 'requestPrincipals',
    'destination.port': 'ports',
  };
  const test = known[same[name] ?? name];
  if (test !== undefined) return test();
  if (!name.startsWith('request.auth.'))
    throw new Error(`the naive evaluator does not know ${name}`);
  return !!token && matchesClaim(value, claimOf(token, name));
}

const blockOf = (ip: string): string => `${ip}/${ip.includes(':') ? 128 : 32}`;

/** JWT-06, JWT-07: nested claims by brackets; scopes are split at spaces. */
function claimOf({ issuer, subject, audiences, claims }: Token, key: string): unknown {
  const all = { ...claims, iss: issuer, sub: subject, aud: audiences };
  if (key === 'request.auth.audiences') return all.aud;
  const path =
    key === 'request.auth.presenter'
      ? ['azp']
      : [...key.matchAll(/\[([^\]]*)\]/g)].map(([, it]) => it ?? '');
  const value = path.reduce<unknown>(
    (at, step) => (at as Record<string, unknown> | undefined)?.[step],
    all,
  );
  const splits = path.length === 1 && ['scope', 'permission'].includes(path[0] ?? '');
  return splits && typeof value === 'string' ? value.split(' ') : value;
}
