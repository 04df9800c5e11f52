/**
 * The steps of a way from outside: clients to the pods that serve an entry, and those to the pods
 * behind. Each says what certainly passes it.
 */
import type { Protocol } from '../../values/port';
import { deciding } from '../ask';
import type { Target } from '../behind';
import type { RequestSet } from '../http/requests';
import type { Because } from '../layer';
import { allWords } from '../layer';
import { isOpen, ofAnybody } from '../outside';
import { listed } from '../rule-words';
import type { Way } from '../ways';
import { bestWay } from '../ways';
import type { World } from '../world';
import type { Arriving } from './clients';
import { clientsReach } from './clients';
import type { DeclaredRoute } from './declared';
import type { Front } from './fronts';
import { isIstioGateway, listeningOf } from './fronts';
import type { ProxyPassing } from './proxies';
import { atGateway, atPods } from './proxies';
import type { Judged, Step } from './step';
import { judgedRequests, passingOf } from './step';

/** Who is outside, in an answer. */
export const OUTSIDE = 'outside';

/** A step with its ends, and what certainly passes it. */
export interface Walked extends Step {
  readonly from: string;
  readonly to: string;
  readonly passed: RequestSet;
}

/** From clients to the pods that serve the entry. */
export function fromOutside(world: World, route: DeclaredRoute, front: Front): Walked[] {
  if (front.places.length === 0) {
    const says = `the pods of ${front.name} were not read`;
    return [
      {
        ...{ from: OUTSIDE, to: front.name, verdict: 'UNKNOWN', says, by: [] },
        ...{ facts: ['entry-controller'], passed: route.requests.taken },
      },
    ];
  }
  return front.places.map((place): Walked => {
    const { port, exposed, ...coming } = listeningOf(world, front, place, route);
    const ends = { from: OUTSIDE, to: portName(world, place, route.protocol, port) };
    if (exposed === false) {
      const says = 'no Service leads to the pods from outside';
      return { ...ends, ...unknown(says, 'entry-controller'), passed: route.requests.taken };
    }
    if (port === undefined) {
      if (isOpen(world, place, 'ingress')) {
        const free = {
          verdict: 'ALLOWED',
          says: 'no policy holds any port',
          by: [],
          facts: [],
        } as const;
        return { ...ends, ...free, passed: route.requests.taken };
      }
      const says = `which port is behind ${route.protocol} ${String(route.port ?? '')} is not known`;
      return { ...ends, ...unknown(says, 'listener-port'), passed: route.requests.taken };
    }
    const { protocol } = route;
    const step = clientsReach(world, { place, protocol, port, ...coming });
    const proxy = front.isIstio ? atGateway(world, place, port, route.requests.isHttp) : undefined;
    return { ...ends, ...throughProxy(step, proxy, route.requests.taken) };
  });
}

/** Without anybody in between. */
export function directly(
  world: World,
  route: DeclaredRoute,
  { place, port }: Target,
  coming: Pick<Arriving, 'keepsClientAddress' | 'limits'>,
): Walked {
  const { protocol, requests } = route;
  const ends = { from: OUTSIDE, to: portName(world, place, protocol, port) };
  if (port === undefined) return { ...ends, ...ofUnknownPort(world, place, requests.taken) };
  const step = clientsReach(world, { place, protocol, port, ...coming });
  // a gateway's servers say how clients speak, and no PeerAuthentication
  const proxy = isIstioGateway(world, place)
    ? atGateway(world, place, port, undefined)
    : atPods(world, place, port);
  return { ...ends, ...throughProxy(step, proxy, requests.taken) };
}

type Outcome = Step & Pick<Walked, 'passed'>;

/** Network and proxy together. */
function throughProxy(step: Step, proxy: ProxyPassing | undefined, requests: RequestSet): Outcome {
  if (proxy === undefined || step.verdict === 'DENIED') return { ...step, passed: requests };
  const { verdict, passed, facts, only } = judgedRequests(requests, proxy, true);
  if (verdict === 'DENIED') {
    return {
      verdict,
      says: 'no request of clients passes the proxy',
      by: proxy.by,
      facts: [],
      passed,
    };
  }
  const word = allWords([step.verdict, verdict]);
  return {
    verdict: word,
    says: only === undefined ? step.says : `${step.says}; ${only}`,
    by: [...step.by, ...proxy.by],
    facts: word === 'UNKNOWN' ? [...new Set([...step.facts, ...facts])].sort() : [],
    passed,
  };
}

export interface Leaving {
  readonly route: DeclaredRoute;
  readonly front: Front;
  /** What the front sends on of what got to it. */
  readonly sent: RequestSet;
}

/** From the pods that serve the entry to some of those behind. */
export function fromFront(world: World, { route, front, sent }: Leaving, target: Target): Walked[] {
  const { place, port } = target;
  const to = portName(world, place, route.protocol, port);
  if (front.places.length === 0) return [fromNobody(world, front, to, { target, sent, route })];
  return front.places.map((own): Walked => {
    const ends = { from: nameAt(world, own), to };
    if (port === undefined) return { ...ends, ...ofUnknownPort(world, place, sent) };
    const { protocol, requests } = route;
    const passing = passingOf(world, world.reach.between(own, place), protocol, port);
    const judged = judgedRequests(sent, passing, requests.exact);
    const way = bestWay(world, { from: { place: own }, to: { place }, protocol, port });
    return { ...ends, ...said(way, judged) };
  });
}

/** A verdict with the policies that it rests on. */
function said(way: Way, { verdict, passed, facts, only }: Judged): Outcome {
  // where the connection comes about and no request passes, the rules for requests say why
  const layers =
    way.verdict === verdict
      ? deciding(way, verdict)
      : way.layers.filter((one) => one.layer === 'authorization');
  const telling = layers.filter((one) => one.by.length > 0 || one.facts.length > 0);
  const says = [...new Set(telling.map((one) => one.says))];
  return {
    ...{ verdict, facts, passed },
    says: only ?? (says.length === 0 ? 'no policy holds it' : listed(says)),
    by: layers.flatMap(({ by }) => by),
  };
}

/** From somebody whom nobody shows: open for whomever, or closed for everybody, else not known. */
function fromNobody(
  world: World,
  front: Front,
  to: string,
  { target, sent, route }: { target: Target; sent: RequestSet; route: DeclaredRoute },
): Walked {
  const ends = { from: front.name, to, passed: sent };
  const { place, port } = target;
  const says = `the pods of ${front.name} were not read`;
  if (port === undefined) return { ...ends, ...unknown(says, 'entry-controller') };
  if (world.word(ofAnybody(world, place), route.protocol, port) === 'DENIED') {
    const by = world.policies
      .isolating(place, 'ingress')
      .map(({ resource }): Because => ({ resource }));
    return { ...ends, verdict: 'DENIED', says: 'no policy lets anybody in', by, facts: [] };
  }
  return { ...ends, ...unknown(says, 'entry-controller') };
}

function ofUnknownPort(world: World, place: number, passed: RequestSet): Outcome {
  if (isOpen(world, place, 'ingress') && world.reach.mesh?.targets.byPlace[place] === undefined) {
    return { verdict: 'ALLOWED', says: 'no policy holds any port', by: [], facts: [], passed };
  }
  return { ...unknown('which port the name means is not known', 'named-port'), passed };
}

function unknown(says: string, fact: string): Step {
  return { verdict: 'UNKNOWN', says, by: [], facts: [fact] };
}

export function nameAt(world: World, place: number): string {
  return world.classes[place]?.workload.id ?? '';
}

function portName(world: World, place: number, protocol: Protocol, port?: number): string {
  const name = nameAt(world, place);
  return port === undefined ? name : `${name} ${protocol} ${port}`;
}
