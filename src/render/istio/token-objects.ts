/**
 * RequestAuthentication validates tokens; it lets requests without any pass. That one is required is
 * a DENY policy of its own: it holds whoever else allows what, and it allows nobody anything.
 */
import type { HttpData } from '../../values/http';
import { describeHttp } from '../../values/http';
import { meshDeclarations } from '../../traffic/model';
import type { JwtDeclaration } from '../../traffic/request-data';
import type { Problem } from '../../values/problem';
import type { RenderContext } from '../context';
import type { MeshObject } from './object';
import { SECURITY } from './object';
import { withPorts } from './operations';
import type { Target } from './request-targets';
import { declarationProblem, opaqueProblems, targetsOf, withReason } from './request-targets';
import { servicesOf } from './selectors';
import { guardedPorts } from './tokens';
import { servicePorts } from './waypoints';

/** More alternatives make a policy that nobody reads. */
const MOST_RULES = 64;

/** Validation and requirement of every workload whose requests a proxy sees. */
export function tokenObjects(context: RenderContext): MeshObject[] {
  return targets(context).flatMap((target) => {
    const rules = rulesOf(target.declarations, portsOf(context, target.workload));
    // without rules it would mean something else, and a problem says why there are none
    const required = rules.length === 0 ? [] : [requirement(context, target, rules)];
    return [validation(context, target), ...required];
  });
}

/** Tokens that could not be validated or required as declared. */
export function tokenProblems(context: RenderContext): Problem[] {
  return targets(context).flatMap(({ workload, declarations }) => [
    ...declarations.flatMap((one) => opaqueProblems(workload, one)),
    ...declarations.slice(1).flatMap((one, index) => {
      const earlier = declarations.slice(0, index + 1).find(({ issuer }) => issuer === one.issuer);
      return earlier === undefined ? [] : [twiceProblem(one, earlier)];
    }),
    ...(isTooMany(declarations) ? declarations.slice(0, 1).map(tooMany) : []),
  ]);
}

function targets(context: RenderContext): Target<JwtDeclaration>[] {
  return targetsOf(context, meshDeclarations(context.model, 'jwt'));
}

function validation(
  context: RenderContext,
  { workload, declarations }: Target<JwtDeclaration>,
): MeshObject {
  return {
    apiVersion: SECURITY,
    kind: 'RequestAuthentication',
    namespace: workload.namespace,
    name: `${workload.name}-jwt`,
    spec: { ...aboutOf(context, workload), jwtRules: declarations.map(jwtRule) },
    flows: lines(declarations),
    baseline: false,
    allows: false,
  };
}

function requirement(
  context: RenderContext,
  { workload, declarations }: Target<JwtDeclaration>,
  rules: readonly object[],
): MeshObject {
  return {
    apiVersion: SECURITY,
    kind: 'AuthorizationPolicy',
    namespace: workload.namespace,
    name: `${workload.name}-require-token`,
    spec: {
      ...aboutOf(context, workload),
      action: 'DENY',
      rules,
    },
    flows: lines(declarations),
    baseline: false,
    allows: false,
  };
}

/** Ports of an operation, and those that callers may write behind a host. */
interface Ports {
  readonly seen: readonly number[];
  readonly written: readonly number[];
}

/** A sidecar knows the pod's ports, a waypoint those of its Services. */
function portsOf(context: RenderContext, workload: Target<JwtDeclaration>['workload']): Ports {
  const guarded = guardedPorts(context, workload);
  const services = servicePorts(workload);
  const served = sorted(guarded.flatMap((port) => services.get(port) ?? []));
  const written = sorted([...guarded, ...served]);
  return { seen: context.profile.mesh.mode === 'ambient' ? served : guarded, written };
}

function sorted(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function aboutOf(
  { profile }: RenderContext,
  { labels, services }: Target<JwtDeclaration>['workload'],
): object {
  return profile.mesh.mode === 'ambient'
    ? servicesOf(services.map(({ name }) => name))
    : { selector: { matchLabels: labels } };
}

function jwtRule({ issuer, audiences, jwks, jwksUri }: JwtDeclaration): object {
  return {
    issuer,
    ...(audiences.length > 0 && { audiences }),
    ...(jwks !== undefined && { jwks }),
    ...(jwksUri !== undefined && { jwksUri }),
  };
}

/** What one declaration asks of a token; a request without it is missing that. */
type Missing =
  | { readonly kind: 'token'; readonly issuer: string }
  | { readonly kind: 'claim'; readonly claim: string; readonly values: readonly string[] };

/**
 * A request is denied if it is not exempt and lacks something that each of the issuers asks for:
 * conditions of one rule are AND-ed, so every combination is a rule of its own.
 */
function rulesOf(declarations: readonly JwtDeclaration[], ports: Ports): object[] {
  if (isTooMany(declarations) || ports.seen.length === 0) return [];
  const exempt = declarations.flatMap(({ withoutToken }) => withoutToken);
  const to = notExempt(exempt, ports).map((operation) => ({ operation }));
  return combinations(declarations.map(missingOf)).map((missing) => {
    const issuers = missing.flatMap((one) => (one.kind === 'token' ? [`${one.issuer}/*`] : []));
    const when = missing.flatMap((one) =>
      one.kind === 'claim'
        ? [{ key: `request.auth.claims[${one.claim}]`, notValues: one.values }]
        : [],
    );
    return {
      ...(issuers.length > 0 && { from: [{ source: { notRequestPrincipals: issuers } }] }),
      to,
      ...(when.length > 0 && { when }),
    };
  });
}

/** Alternatives multiply; they are counted before they are made. */
function isTooMany(declarations: readonly JwtDeclaration[]): boolean {
  const exempt = merged(declarations.flatMap(({ withoutToken }) => withoutToken));
  const count = (lists: readonly (readonly unknown[])[]): number =>
    lists.reduce((product, list) => product * list.length, 1);
  return count(declarations.map(missingOf)) * count(exempt.map(othersOf)) > MOST_RULES;
}

function missingOf({ issuer, claims }: JwtDeclaration): Missing[] {
  return [
    { kind: 'token', issuer },
    ...claims.map(([claim, values]) => ({ kind: 'claim', claim, values }) as const),
  ];
}

/** Requests outside every exemption: of each one, the methods, the paths or the hosts are others. */
function notExempt(exempt: readonly HttpData[], { seen, written }: Ports): object[] {
  const operations = combinations(merged(exempt).map(othersOf)).map((parts) => {
    const list = (field: keyof Others): string[] => [
      ...new Set(parts.flatMap((part) => part[field] ?? [])),
    ];
    const { notMethods, notPaths, notHosts } = {
      notMethods: list('notMethods'),
      notPaths: list('notPaths'),
      notHosts: withPorts(list('notHosts'), written),
    };
    return {
      ...(notMethods.length > 0 && { notMethods: notMethods.sort() }),
      ...(notPaths.length > 0 && { notPaths: notPaths.sort() }),
      ...(notHosts.length > 0 && { notHosts: notHosts.sort() }),
      ports: seen.map(String),
    };
  });
  const distinct = new Map(operations.map((one) => [JSON.stringify(one), one]));
  return [...distinct.values()];
}

interface Others {
  readonly notMethods?: readonly string[];
  readonly notPaths?: readonly string[];
  readonly notHosts?: readonly string[];
}

function othersOf({ methods, paths, hosts }: HttpData): Others[] {
  return [
    ...(methods.length > 0 ? [{ notMethods: methods }] : []),
    ...(paths.length > 0 ? [{ notPaths: paths }] : []),
    ...(hosts.length > 0 ? [{ notHosts: hosts }] : []),
  ];
}

/** Exemptions that differ in their paths alone are one. */
function merged(exempt: readonly HttpData[]): HttpData[] {
  const byRest = new Map<string, HttpData>();
  for (const one of exempt) {
    const every = one.paths.length === 0;
    const key = JSON.stringify([one.methods, one.hosts, every]);
    const known = byRest.get(key);
    const paths = [...new Set([...(known?.paths ?? []), ...one.paths])].sort();
    byRest.set(key, { ...one, paths });
  }
  return [...byRest.values()];
}

/** Every way to take one item of each list. */
function combinations<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>(
    (taken, list) => taken.flatMap((items) => list.map((item) => [...items, item])),
    [[]],
  );
}

function lines(declarations: readonly JwtDeclaration[]): string[] {
  return declarations.map((one) => withReason(lineOf(one), one)).sort();
}

function lineOf({ issuer, withoutToken }: JwtDeclaration): string {
  const but = withoutToken.map(describeHttp).join('; ');
  return `tokens of ${issuer}${but === '' ? '' : `, but for ${but}`}`;
}

function twiceProblem(one: JwtDeclaration, earlier: JwtDeclaration): Problem {
  return declarationProblem(one, {
    code: 'jwt-twice',
    got: one.issuer,
    expected: `one declaration of an issuer for a workload: ${earlier.by} declares it already`,
    fix: 'put audiences, claims and exemptions of the issuer into one JwtAuthentication',
  });
}

function tooMany(one: JwtDeclaration): Problem {
  return declarationProblem(one, {
    code: 'jwt-too-many-rules',
    got: 'many issuers, claims or exemptions',
    expected: `at most ${String(MOST_RULES)} combinations of what a request may lack`,
    fix: 'ask for fewer claims, or exempt paths of the same methods and hosts together',
  });
}
