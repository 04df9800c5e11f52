/**
 * The ways that a connection may take between two ends, layer by layer: directly, and in an ambient
 * mesh through the waypoint of a Service. One way that lets it through is enough.
 */
import { Protocol } from '../values/port';
import { textOf } from './addresses';
import type { Caller } from './istio/callers';
import type { PortPolicies } from './istio/allowed';
import type { Layer } from './layer';
import { allWords, anyWord, wordOf } from './layer';
import { HBONE } from './mesh/mesh';
import type { Request } from './mesh-layers';
import { plainLayers, proxyLayers } from './mesh-layers';
import type { End } from './network';
import type { VerdictWord } from './result';
import { addressLayer, sideLayer } from './side';
import type { World } from './world';

export interface Connection {
  readonly from: End;
  readonly to: End;
  readonly protocol: Protocol;
  readonly port: number;
  /** Absent: any request. */
  readonly request?: Request;
}

export interface Way {
  readonly verdict: VerdictWord;
  readonly layers: readonly Layer[];
}

/** The best way, and what the others say where it fails. */
export function bestWay(world: World, connection: Connection): Way {
  const ways = waysOf(world, connection);
  const verdict = anyWord(ways.map((way) => way.verdict));
  const [best] = ways.filter((way) => way.verdict === verdict);
  return best ?? { verdict: 'DENIED', layers: [] };
}

function waysOf(world: World, connection: Connection): Way[] {
  const { from, to, protocol, port } = connection;
  const { mesh } = world.reach;
  const direct = networkLayers(world, { from, to, protocol, port });
  if (mesh === undefined || !('place' in to)) {
    const says = 'place' in to ? 'nothing of a mesh was read' : 'the other end is an address';
    return [wayOf([...direct, ...plainLayers(says, false)])];
  }
  if (protocol !== Protocol.TCP) {
    return [wayOf([...direct, ...plainLayers('the mesh carries TCP only', false)])];
  }
  const captured = mesh.isCaptured('place' in from ? from.place : -1, to.place);
  const target = mesh.targets.byPlace[to.place];
  const own = ownLayers(world, connection, target?.policiesAt(port));
  const plain = mesh.proxies[to.place] === 'unknown' ? [wayOf([UNPROXIED, ...direct])] : [];
  if (captured === false) return [wayOf([...direct, ...own]), ...plain];
  const carried = networkLayers(world, { from, to, protocol, port: HBONE }).map(overNodes);
  if (captured === 'unknown') {
    const either = [direct, carried].map((way) => wayOf([CARRIED, ...way, ...own]));
    return [...either, ...plain];
  }
  return [wayOf([...carried, ...own]), ...throughWaypoint(world, connection)];
}

const UNPROXIED: Layer = {
  layer: 'route',
  verdict: 'UNKNOWN',
  says: 'whether the pods have a proxy is not known',
  by: [],
  facts: ['mesh-membership'],
};

const CARRIED: Layer = {
  layer: 'route',
  verdict: 'UNKNOWN',
  says: 'whether the nodes carry it over HBONE is not known',
  by: [],
  facts: ['mesh-membership'],
};

/** Both directions, and the families that they have in common. */
function networkLayers(
  world: World,
  { from, to, protocol, port }: Omit<Connection, 'request'>,
): Layer[] {
  const egress =
    'place' in from
      ? sideLayer(world, { place: from.place, direction: 'egress', peer: to, protocol, port })
      : addressLayer('egress');
  const ingress =
    'place' in to
      ? sideLayer(world, { place: to.place, direction: 'ingress', peer: from, protocol, port })
      : addressLayer('ingress');
  const verdict = world.reach.network.between(from, to);
  const word = world.word(verdict, protocol, port);
  const apart = allWords([wordOf(egress), wordOf(ingress)]);
  if (word === apart) return [egress, ingress];
  // each direction passes, but not in one address family
  const says = `${ingress.says}; not by the same address family as egress`;
  return [
    egress,
    { ...ingress, verdict: word, says, facts: word === 'UNKNOWN' ? verdict.facts : [] },
  ];
}

function ownLayers(
  world: World,
  { from, to, request }: Connection,
  policies: PortPolicies | undefined,
): Layer[] {
  const { mesh } = world.reach;
  if (mesh === undefined || !('place' in to)) return plainLayers('not in the mesh', false);
  if (policies === undefined) {
    const inMesh = (mesh.proxies[to.place] ?? 'none') !== 'none';
    return plainLayers(inMesh ? 'no policy' : 'the target has no proxy', inMesh);
  }
  return proxyLayers(policies, { caller: callerOf(world, from), request });
}

function callerOf(world: World, from: End): Caller {
  if ('place' in from) return world.reach.mesh?.callerAt(from.place) ?? { addresses: [] };
  return { addresses: [textOf(from.family, from.value)] };
}

/** To the waypoint, from there to the pods, and what both proxies say. */
function throughWaypoint(world: World, connection: Connection): Way[] {
  const { from, to, protocol, port, request } = connection;
  const { mesh } = world.reach;
  if (mesh === undefined || !('place' in to) || !('place' in from)) return [];
  const target = mesh.targets.byPlace[to.place];
  const waypoint = mesh.waypointOf(to.place);
  const caller = mesh.callerAt(from.place);
  if (target?.waypoint === undefined || waypoint < 0 || caller.identity === undefined) return [];
  const { namespace, name, identity } = target.waypoint;
  const where = `waypoint ${namespace}/${name}`;
  const place = { place: waypoint };
  const steps = [
    ...networkLayers(world, { from, to: place, protocol, port: HBONE }).map(overNodes),
    ...networkLayers(world, { from: place, to, protocol, port: HBONE }).map(overNodes),
  ];
  const route: Layer = { layer: 'route', verdict: 'ALLOWED', says: where, by: [], facts: [] };
  const last = proxyLayers(target.policiesAt(port), { caller: { identity, addresses: [] } });
  return target.waypointAt(port).map((policies) => {
    const first = proxyLayers(policies, { caller, request, where });
    return wayOf([route, ...steps, ...first, ...last]);
  });
}

function overNodes(layer: Layer): Layer {
  return { ...layer, says: `${layer.says} (TCP ${String(HBONE)}, over the nodes)` };
}

/** Authorization is not asked where the connection does not come about. */
function wayOf(layers: readonly Layer[]): Way {
  const verdict = allWords(layers.map(wordOf));
  const stops = layers.findIndex((one) => wordOf(one) === 'DENIED');
  if (stops < 0) return { verdict, layers };
  const shown = layers.map((one, index): Layer => {
    if (index <= stops || one.layer !== 'authorization') return one;
    return { layer: one.layer, verdict: 'NOT REACHED', says: '', by: [], facts: [] };
  });
  return { verdict, layers: shown };
}
