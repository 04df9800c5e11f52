/**
 * Routes: which Service and port each of them means, and what Istio would accept and then answer with
 * 404 or 503.
 */
import type { WorkloadData } from '../../traffic/data';
import type { RouteDeclaration } from '../../traffic/request-data';
import { meshDeclarations } from '../../traffic/model';
import { hostsOverlap } from '../../values/istio/names';
import type { Problem } from '../../values/problem';
import type { RenderContext } from '../context';
import type { MeshObject } from './object';
import { declarationProblem, targetsOf } from './request-targets';
import type { Route } from './route-objects';
import { destinationRule, hostsOf, variantsOf, virtualService } from './route-objects';
import type { ServedPort } from './service-ports';
import { serviceHost, servedPorts } from './service-ports';

/** Both objects of every route. */
export function routeObjects(context: RenderContext): MeshObject[] {
  return resolved(context).routes.flatMap((route) => [
    virtualService(route),
    destinationRule(route),
  ]);
}

/** Services and ports that cannot be told, variants that nobody declares, and routes that collide. */
export function routeProblems(context: RenderContext): Problem[] {
  const { routes, problems } = resolved(context);
  return [
    ...problems,
    ...routes.flatMap(({ declared, workload }) => unlabelledProblems(declared, workload)),
    ...collisionProblems(routes),
  ];
}

function resolved(context: RenderContext): { routes: Route[]; problems: Problem[] } {
  const routes: Route[] = [];
  const problems: Problem[] = [];
  for (const target of targetsOf(context, meshDeclarations(context.model, 'route'))) {
    for (const declared of target.declarations) {
      const { workload } = target;
      const candidates = candidatesOf(workload, declared);
      const [only, ...others] = candidates;
      if (only === undefined || others.length > 0) {
        problems.push(targetProblem(workload, declared, candidates));
      } else {
        const host = serviceHost(context.profile, workload.namespace, only.service);
        routes.push({ declared, workload, target: only, host });
      }
    }
  }
  return { routes, problems };
}

/** HTTP ports of the workload's Services that the declaration may mean. */
function candidatesOf(workload: WorkloadData, { service, port }: RouteDeclaration): ServedPort[] {
  return servedPorts(workload).filter(
    (one) =>
      (one.protocol === 'http' || one.protocol === 'grpc') &&
      (service === undefined || one.service === service) &&
      (port === undefined || one.port === port),
  );
}

function targetProblem(
  workload: WorkloadData,
  declared: RouteDeclaration,
  candidates: readonly ServedPort[],
): Problem {
  const { service, port } = declared;
  const known = candidates.length === 0 ? describePorts(workload) : candidates.map(describeServed);
  return declarationProblem(declared, {
    code: candidates.length === 0 ? 'route-without-service' : 'route-ambiguous',
    got: service === undefined && port === undefined ? undefined : { service, port },
    expected: `one HTTP or gRPC port of one Service of the workload, which declares ${
      known.length === 0 ? 'none' : known.join(', ')
    }`,
    fix:
      candidates.length === 0
        ? `services: [{ name: '${workload.name}', ports: [{ port: 80, targetPort: 8080, name: 'http' }] }] where the workload is declared`
        : `service: '${candidates[0]?.service ?? ''}', port: ${candidates[0]?.port ?? 80}`,
  });
}

function describeServed({ service, port, protocol }: ServedPort): string {
  return `${service}:${port} (${protocol ?? 'no protocol'})`;
}

/** Every port of the workload's Services, those too that no proxy looks at. */
function describePorts(workload: WorkloadData): string[] {
  const others = workload.services.flatMap(({ name, ports }) =>
    ports
      .filter(({ protocol }) => protocol !== 'TCP')
      .map(({ port, protocol }) => `${name}:${port} (${protocol})`),
  );
  return [...servedPorts(workload).map(describeServed), ...others];
}

/** A subset that no pod carries the labels of would answer every request with 503. */
function unlabelledProblems(declared: RouteDeclaration, workload: WorkloadData): Problem[] {
  const known = Object.keys(workload.variants ?? {});
  return variantsOf(declared)
    .filter((variant) => !known.includes(variant))
    .map((variant) =>
      declarationProblem(declared, {
        code: 'subset-unlabelled',
        got: variant,
        expected: `a variant that the workload declares: ${known.length === 0 ? 'it declares none' : known.join(', ')}`,
        fix: `variants: { ${variant}: { version: '${variant}' } } where the workload is declared`,
      }),
    );
}

/**
 * Of two VirtualServices for one host, either may win: all of them hold in the mesh, whatever their
 * gateways.
 */
function collisionProblems(routes: readonly Route[]): Problem[] {
  const first = new Map<string, RouteDeclaration>();
  return routes.flatMap((route) => {
    const { declared } = route;
    const [service, ...hosts] = hostsOf(route);
    const twice = [service, ...hosts].filter((host) => first.has(host));
    const own = hosts.filter((host) => hostsOverlap(host, service));
    for (const host of [service, ...hosts]) first.set(host, first.get(host) ?? declared);
    return [
      ...[...new Set(twice)].map((host) => twiceProblem(declared, host, first.get(host))),
      ...own.map((host) => ownProblem(declared, host)),
    ];
  });
}

function twiceProblem(
  declared: RouteDeclaration,
  host: string,
  other: RouteDeclaration | undefined,
): Problem {
  return declarationProblem(declared, {
    code: 'route-twice',
    got: host,
    expected: `one route for a host: ${other?.by ?? ''} routes it already`,
    fix: 'declare both in one TrafficRoute, or give each a host of its own',
  });
}

/** Istio refuses a VirtualService whose hosts contain each other. */
function ownProblem(declared: RouteDeclaration, host: string): Problem {
  return declarationProblem(declared, {
    code: 'route-own-host',
    got: host,
    expected: 'hosts of the gateways only: the Service is routed by its own name anyway',
    fix: `leave out ${host} among the hosts`,
  });
}
