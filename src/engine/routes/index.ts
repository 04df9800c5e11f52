/** Ways from outside that answers show: all of them, those to some workloads, those of one connection. */
import { endsOf } from '../ends';
import { placesOf, protocolOf } from '../question';
import type { Question } from '../question';
import type { RouteAnswer } from '../result';
import { byPlace } from '../result-base';
import type { World } from '../world';
import { declaredRoutes } from './all';
import { behind } from './backends';
import type { DeclaredRoute } from './declared';
import { frontOf } from './fronts';
import { judgedRoute } from './judge';

/** All of them, or those to some workloads by id; by file and line. */
export function routesOf(world: World, ids?: readonly string[]): RouteAnswer[] {
  if (ids === undefined) return answersOf(world, declaredRoutes(world));
  const wanted = new Set(ids.flatMap((id) => placesOf(world, id)));
  const homes = new Set(ids.map((id) => id.split('/')[0]));
  const routes = declaredRoutes(world).filter((route) => {
    const places = placesBehind(world, route);
    // what leads nowhere concerns whoever declared it
    if (places.length === 0) return homes.has(route.entry.resource.namespace ?? 'default');
    return places.some((one) => wanted.has(one));
  });
  return answersOf(world, routes);
}

/** Those that take one connection: from addresses, or from pods that serve them. */
export function routesTaking(world: World, question: Question): RouteAnswer[] {
  const { sources, targets } = endsOf(world, question);
  const callers = new Set(sources.flatMap((one) => ('place' in one ? [one.place] : [])));
  const asked = new Set(
    targets.flatMap(({ piece, port }) =>
      'place' in piece && port !== undefined ? [`${String(piece.place)} ${String(port)}`] : [],
    ),
  );
  if (asked.size === 0) return [];
  const routes = declaredRoutes(world).filter(
    (route) =>
      route.protocol === protocolOf(question) &&
      isServedBy(world, route, callers) &&
      targetsOf(world, route).some(({ place, port }) =>
        asked.has(`${String(place)} ${String(port)}`),
      ),
  );
  return answersOf(world, routes);
}

/** Addresses are outside. */
function isServedBy(world: World, { front }: DeclaredRoute, callers: ReadonlySet<number>): boolean {
  if (callers.size === 0) return true;
  return frontOf(world, front)?.places.some((place) => callers.has(place)) === true;
}

function targetsOf(world: World, { backend, protocol }: DeclaredRoute) {
  return backend === undefined ? [] : behind(world, backend, protocol).targets;
}

function placesBehind(world: World, route: DeclaredRoute): number[] {
  return targetsOf(world, route).map(({ place }) => place);
}

function answersOf(world: World, routes: readonly DeclaredRoute[]): RouteAnswer[] {
  return routes.map((route) => judgedRoute(world, route)).sort((a, b) => byPlace(a.entry, b.entry));
}
