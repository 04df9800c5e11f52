/**
 * Declared against reachable, pods by pods: for every direction that is ours of every isolated class,
 * what the policies let through and what was declared. Pods that neither names are alike, so that one
 * of each kind stands for all.
 */
import type { ConnectionsId } from '../engine/connections';
import { NONE } from '../engine/connections';
import { mentions } from '../engine/gate';
import type { Direction } from '../engine/gates';
import { isEmptyRequests, subtractRequests, unionRequests } from '../engine/http/requests';
import { describeRequests } from '../engine/http/request-text';
import type { RequestSet } from '../engine/http/requests';
import { ALL_REQUESTS, NO_REQUESTS } from '../engine/http/requests';
import { Mentions } from '../engine/mesh/mentions';
import type { PairVerdict } from '../engine/pair';
import { ofNetwork } from '../engine/pair';
import type { PodClass } from '../engine/pods';
import type { World } from '../engine/world';
import type { FlowData } from '../traffic/data';
import { Protocol } from '../values/port';
import type { PortRange } from '../values/port-ranges';
import { describeRanges } from './describe';
import type { Declared, Stated } from './declared';

/** The YAML says more, or less, than was declared. */
export interface Difference {
  readonly kind: 'widened' | 'missing';
  readonly direction: Direction;
  readonly own: PodClass;
  /** Readable: a workload, or addresses. */
  readonly peer: string;
  /** `TCP 8080 GET /v1/*` */
  readonly what: string;
  /** Flows that state it; none for what nobody declared. */
  readonly flows: readonly FlowData[];
}

export class PodsDifferences {
  private readonly mentioned: Mentions | undefined;

  constructor(
    private readonly world: World,
    private readonly declared: Declared,
    /** Whether L4 alone has to say what only a mesh could. */
    private readonly held: (own: PodClass) => boolean,
  ) {
    const { reach } = world;
    const { sets } = reach.network.compilation;
    this.mentioned =
      reach.mesh === undefined
        ? undefined
        : new Mentions(
            world.pods,
            reach.mesh,
            (key, places) => sets.ofPlaces(key, { sure: places, maybe: [] }, 'caller-identity'),
            [],
          );
  }

  /** Of one direction of one class. */
  of(own: PodClass, direction: Direction): Difference[] {
    const flows = this.declared.flowsAt(own, direction);
    return this.peers(own, direction, flows).flatMap((place) => {
      const peer = this.world.classes[place];
      if (peer === undefined) return [];
      return this.compare(own, direction, peer, this.declared.stated(flows, direction, peer));
    });
  }

  /** Classes that a flow or a rule names, and one of each kind of all others. */
  private peers(own: PodClass, direction: Direction, flows: readonly FlowData[]): number[] {
    const { classes, reach } = this.world;
    const gate = reach.network.gateOf(direction, { place: own.index });
    const named = new Set<number>();
    for (const { peers } of gate === undefined ? [] : mentions(gate)) {
      if (peers.kind !== 'pods' && peers.kind !== 'same-namespace') continue;
      const near = this.world.pods.spanOf(own.namespace);
      for (const place of [...peers.set.sure, ...peers.set.maybe]) {
        if (peers.kind === 'pods' || (near.start <= place && place < near.end)) named.add(place);
      }
    }
    const target = direction === 'ingress' ? reach.mesh?.targets.byPlace[own.index] : undefined;
    for (const set of target === undefined ? [] : (this.mentioned?.of(target.tests) ?? [])) {
      for (const place of set.sure) named.add(place);
    }
    const kinds = new Map<string, number>();
    for (const one of classes) {
      if (named.has(one.index)) continue;
      const stated = this.declared.stated(flows, direction, one);
      const kind = JSON.stringify([
        stated.map(({ flow, meant }) => [flows.indexOf(flow), meant]),
        reach.mesh?.proxies[one.index],
        reach.network.lookOf(one.index).key,
        one.namespace === own.namespace,
      ]);
      if (!kinds.has(kind)) kinds.set(kind, one.index);
    }
    return [...named, ...kinds.values()].sort((a, b) => a - b);
  }

  private compare(
    own: PodClass,
    direction: Direction,
    peer: PodClass,
    stated: readonly Stated[],
  ): Difference[] {
    const verdict = this.verdict(own, direction, peer);
    const proxied = this.isProxied(own, direction);
    const least = proxied && this.proves(peer) ? stated.filter(({ meant }) => meant === 'yes') : [];
    const must = proxied
      ? least
      : stated.filter(({ meant }) => meant === 'yes' && !this.hidden(own, direction, peer));
    const parts = partsOf(this.world, verdict, stated);
    const differences: Difference[] = [];
    const say = (kind: Difference['kind'], what: string, flows: readonly FlowData[]): void => {
      differences.push({ kind, direction, own, peer: peer.workload.id, what, flows });
    };
    for (const { protocol, range, allowed, possible } of parts) {
      const may = sum(stated, this.world, protocol, range, proxied);
      const wider = subtractRequests(allowed, may);
      const text = `${protocol} ${describeRanges([range])}`;
      if (!isEmptyRequests(wider)) say('widened', withRequests(text, wider), []);
      const needed = sum(must, this.world, protocol, range, proxied);
      const lacking = subtractRequests(needed, possible);
      if (!isEmptyRequests(lacking)) {
        const flows = must.filter(({ connections }) =>
          this.world.reach.pool.has(connections, protocol, range[0]),
        );
        say(
          'missing',
          withRequests(text, lacking),
          flows.map(({ flow }) => flow),
        );
      }
    }
    return differences;
  }

  /** What the policies of that side say, proxies included. */
  private verdict(own: PodClass, direction: Direction, peer: PodClass): PairVerdict {
    const { reach } = this.world;
    const half = this.world.half(own.index, direction, peer.index);
    if (direction === 'egress' || reach.mesh === undefined) return ofNetwork(half);
    const asked = { from: peer.index, to: own.index };
    const waypoint = reach.mesh.waypointOf(own.index);
    const entering = waypoint < 0 ? undefined : this.world.half(waypoint, 'ingress', peer.index);
    return reach.mesh.over(half, asked, () =>
      entering === undefined ? undefined : reach.mesh?.steps(entering, own.index),
    );
  }

  /** Whether a proxy of ours sees what comes in. */
  private isProxied(own: PodClass, direction: Direction): boolean {
    return direction === 'ingress' && this.held(own);
  }

  private proves({ index }: PodClass): boolean {
    const proxy = this.world.reach.mesh?.proxies[index];
    return proxy === 'sidecar' || proxy === 'ambient';
  }

  /** In ambient the nodes carry TCP, and the caller's policies see another port. */
  private hidden(own: PodClass, direction: Direction, peer: PodClass): boolean {
    const { mesh } = this.world.reach;
    return (
      direction === 'egress' && [own, peer].some(({ index }) => mesh?.proxies[index] === 'ambient')
    );
  }
}

interface Part {
  readonly protocol: Protocol;
  readonly range: PortRange;
  readonly allowed: RequestSet;
  readonly possible: RequestSet;
}

/** Ranges of ports on which verdict and declaration each say one thing. */
function partsOf(world: World, verdict: PairVerdict, stated: readonly Stated[]): Part[] {
  const { pool } = world.reach;
  return [Protocol.TCP, Protocol.UDP, Protocol.SCTP].flatMap((protocol) => {
    const limited = protocol === Protocol.TCP ? verdict.limited : [];
    const ids: ConnectionsId[] = [
      verdict.sure,
      ...verdict.unknown.map(({ connections }) => connections),
      ...stated.map(({ connections }) => connections),
    ];
    const ranges = [
      ...ids.map((id) => pool.rangesOf(id, protocol)),
      ...limited.map(({ ports }) => ports),
    ];
    return elementary(ranges.flat()).map((range): Part => {
      const [port] = range;
      const requests = limited.find(({ ports }) =>
        ports.some(([low, high]) => low <= port && port <= high),
      );
      const sure = pool.has(verdict.sure, protocol, port);
      const unknown = verdict.unknown.some(({ connections }) =>
        pool.has(connections, protocol, port),
      );
      const allowed = sure ? ALL_REQUESTS : (requests?.requests ?? NO_REQUESTS);
      return { protocol, range, allowed, possible: unknown ? ALL_REQUESTS : allowed };
    });
  });
}

function elementary(ranges: readonly PortRange[]): PortRange[] {
  const starts = [...new Set(ranges.flatMap(([low, high]) => [low, high + 1]))].sort(
    (a, b) => a - b,
  );
  return starts.flatMap((low, index): PortRange[] => {
    const next = starts[index + 1];
    if (next === undefined || !ranges.some(([from, to]) => from <= low && low <= to)) return [];
    return [[low, next - 1]];
  });
}

function sum(
  stated: readonly Stated[],
  { reach }: World,
  protocol: Protocol,
  [port]: PortRange,
  proxied: boolean,
): RequestSet {
  const open = stated.filter(
    ({ connections }) => connections !== NONE && reach.pool.has(connections, protocol, port),
  );
  // where no proxy looks, a limit is waived or was refused
  const limits = proxied && protocol === Protocol.TCP;
  return open.reduce<RequestSet>(
    (all, { requests }) => unionRequests(all, limits ? requests : ALL_REQUESTS),
    NO_REQUESTS,
  );
}

function withRequests(text: string, requests: RequestSet): string {
  const what = describeRequests(requests);
  return what === '' ? text : `${text} ${what}`;
}
