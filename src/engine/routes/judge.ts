/**
 * Whether a declared way is open end to end: clients get to the pods that serve it, those get to every
 * pod behind, and some of the route's requests pass all proxies on the way. What nobody shows makes it
 * UNKNOWN, and is named.
 */
import { evidenceOf, objectName } from '../evidence';
import { requestsToJson } from '../http/request-text';
import type { RequestSet } from '../http/requests';
import { intersectRequests, isEveryRequest, NO_REQUESTS, unionRequests } from '../http/requests';
import { allWords } from '../layer';
import type { RouteAnswer, RouteStep, VerdictWord } from '../result';
import type { World } from '../world';
import type { Behind } from './backends';
import { behind } from './backends';
import type { DeclaredRoute } from './declared';
import { open } from './declared';
import type { Front } from './fronts';
import { frontOf } from './fronts';
import { comingBy } from './services';
import type { Walked } from './walk';
import { directly, fromFront, fromOutside, nameAt } from './walk';

export function judgedRoute(world: World, route: DeclaredRoute): RouteAnswer {
  const found =
    route.backend === undefined ? NOTHING : behind(world, route.backend, route.protocol);
  const front = frontOf(world, route.front);
  const { requests } = route;
  const arriving = front === undefined ? [] : fromOutside(world, route, front);
  const entering = agreed(arriving);
  const passed =
    entering === 'ALLOWED'
      ? arriving.reduce((all, one) => intersectRequests(all, one.passed), requests.taken)
      : requests.taken;
  const sent = requests.exact ? passed : requests.sent;
  const coming = comingBy(found.service === undefined ? [] : [found.service]);
  const leaving = found.targets.flatMap((target) =>
    front === undefined
      ? [directly(world, route, target, coming)]
      : fromFront(world, { route, front, sent }, target),
  );
  const links = [...linksOf(route, found), ...unlike(route, arriving), ...unlike(route, leaving)];
  const verdict = allWords([entering, agreed(leaving), ...links.map((one) => one.verdict)]);
  const isSure = verdict === 'ALLOWED' && requests.exact;
  const told = isSure ? unionRequests(...leaving.map((one) => one.passed)) : requests.taken;
  return {
    ...answerOf(world, route, found),
    through: front === undefined ? [] : throughOf(world, front),
    ...httpOf(told),
    verdict,
    steps: distinct([...arriving, ...links, ...leaving].map(stepOf)),
  };
}

const NOTHING: Behind = { targets: [], broken: [] };

/** What breaks on the way itself, before anybody asks policies. */
function linksOf(route: DeclaredRoute, found: Behind): Walked[] {
  const { backend, entry } = route;
  const broken = [...route.broken, ...found.broken];
  const all =
    broken.length === 0 && found.targets.length === 0
      ? [open('route-target', 'leads nowhere', entry)]
      : broken;
  const to = backend === undefined ? 'pods' : `Service ${backend.namespace}/${backend.name}`;
  return all.map(({ verdict, says, by, facts }) => ({
    ...{ from: objectName(entry.resource), to, verdict, says, by, facts, passed: NO_REQUESTS },
  }));
}

/** Pods that differ leave open what holds of the way. */
function agreed(steps: readonly Walked[]): VerdictWord {
  const words = [...new Set(steps.map(({ verdict }) => verdict))];
  return words.length > 1 ? 'UNKNOWN' : (words[0] ?? 'ALLOWED');
}

function unlike({ entry }: DeclaredRoute, steps: readonly Walked[]): Walked[] {
  const words = [...new Set(steps.map(({ verdict }) => verdict))].sort();
  if (words.length < 2) return [];
  const says = `not all pods alike: ${words.join(', ')}`;
  return [
    {
      ...{ from: objectName(entry.resource), to: 'pods', verdict: 'UNKNOWN', says, by: [] },
      ...{ facts: ['which of them is meant'], passed: NO_REQUESTS },
    },
  ];
}

function answerOf(
  world: World,
  { entry, protocol, port }: DeclaredRoute,
  { service, port: asked, targets }: Behind,
): Pick<RouteAnswer, 'entry' | 'protocol' | 'port' | 'service' | 'to'> {
  const to = targets.map(({ place, port: own }) => ({
    workload: nameAt(world, place),
    ...(own !== undefined && { port: own }),
  }));
  return {
    entry: evidenceOf(entry.resource, entry.path),
    protocol,
    ...(port !== undefined && { port }),
    ...(service &&
      asked && { service: `${service.namespace}/${service.name}:${String(asked.port)}` }),
    to: distinct(to),
  };
}

function throughOf(world: World, { name, places }: Front): readonly string[] {
  return places.length === 0 ? [name] : distinct(places.map((place) => nameAt(world, place)));
}

/** Absent: every request. */
function httpOf(requests: RequestSet): Pick<RouteAnswer, 'http'> {
  return isEveryRequest(requests) ? {} : { http: requestsToJson(requests) };
}

function stepOf({ from, to, verdict, says, by, facts }: Walked): RouteStep {
  const evidence = by.map(({ resource, path, rule }) => evidenceOf(resource, path, rule));
  return { from, to, verdict, says, by: distinct(evidence), facts };
}

function distinct<T>(list: readonly T[]): readonly T[] {
  return [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];
}
