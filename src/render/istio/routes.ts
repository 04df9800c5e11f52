/**
 * Routes: which Service and port each of them means, and what Istio would accept and then answer with
 * 404 or 503.
 */
import type { WorkloadData } from '../../traffic/data';
import type { RouteDeclaration } from '../../traffic/request-data';
import { meshDeclarations } from '../../traffic/model';
import type { Problem } from '../../values/problem';
import type { RenderContext } from '../context';
import type { MeshObject } from './object';
import { declarationProblem, targetsOf } from './request-targets';
import type { Route } from './route-objects';
import { destinationRule, variantsOf, virtualService } from './route-objects';
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
        routes.push({ declared, workload, target: only });
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
  const all = candidates.length === 0 ? servedPorts(workload) : candidates;
  const name = (one: ServedPort): string =>
    `${one.service}:${one.port} (${one.protocol ?? 'no protocol'})`;
  return declarationProblem(declared, {
    code: candidates.length === 0 ? 'route-without-service' : 'route-ambiguous',
    got: service === undefined && port === undefined ? undefined : { service, port },
    expected: `one HTTP or gRPC port of one Service of the workload, which declares ${
      all.length === 0 ? 'none' : all.map(name).join(', ')
    }`,
    fix:
      candidates.length === 0
        ? `services: [{ name: '${workload.name}', ports: [{ port: 80, targetPort: 8080, name: 'http' }] }] where the workload is declared`
        : `service: '${candidates[0]?.service ?? ''}', port: ${candidates[0]?.port ?? 80}`,
  });
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

/** Of two VirtualServices for one host, either may win. */
function collisionProblems(routes: readonly Route[]): Problem[] {
  const first = new Map<string, RouteDeclaration>();
  return routes.flatMap(({ declared, target }) => {
    const host = serviceHost(declared.namespace, target.service);
    const other = first.get(host);
    if (other === undefined) {
      first.set(host, declared);
      return [];
    }
    return [
      declarationProblem(declared, {
        code: 'route-twice',
        got: host,
        expected: `one route for the Service: ${other.by} routes it already`,
        fix: 'declare both in one TrafficRoute',
      }),
    ];
  });
}
