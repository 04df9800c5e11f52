/**
 * The mesh between two classes of pods: network policy and proxies together, in both kinds of mesh.
 *
 * A sidecar leaves the ports to network policy. In ambient the nodes carry TCP over HBONE: policy sees
 * TCP 15008, ztunnel holds the ports, and a waypoint is a second way in (istio.md 4, 9).
 */
import type { Cluster } from '../../read/cluster';
import { Protocol } from '../../values/port';
import type { PortRange } from '../../values/port-ranges';
import type { ConnectionPool } from '../connections';
import { NONE } from '../connections';
import { ALL_REQUESTS, NO_REQUESTS } from '../http/requests';
import type { Caller, MeshIdentity } from '../istio/callers';
import { allowedByWays, NOTHING_ALLOWED, settled } from '../istio/combine';
import type { Network } from '../network';
import type { PairVerdict, TcpPart } from '../pair';
import { assembled, ofNetwork } from '../pair';
import type { Pods } from '../pods';
import { remember } from '../pods';
import type { Fact, Verdict } from '../verdict';
import { both } from '../verdict';
import type { Proxy } from './participation';
import { proxiesOf, WAYPOINT_OF } from './participation';
import type { MeshTarget } from './targets';
import { MeshTargets } from './targets';

/** Where the nodes of an ambient mesh carry TCP. */
export const HBONE = 15008;

/** Two classes, and whether they share a namespace. */
export interface Asked {
  readonly from: number;
  readonly to: number;
  readonly sameNamespace: boolean;
}

/** Who comes to which pods, and whether the nodes carry it over HBONE. */
interface Entering {
  readonly to: number;
  readonly caller: Caller;
  readonly captured: boolean | 'unknown';
}

export class Mesh {
  readonly proxies: readonly Proxy[];
  readonly targets: MeshTargets;
  private readonly answers = new Map<string, readonly TcpPart[]>();
  private readonly waypoints: ReadonlyMap<string, number>;

  constructor(
    private readonly cluster: Cluster,
    private readonly network: Network,
  ) {
    const { pods } = network.compilation;
    this.proxies = proxiesOf(cluster, pods);
    this.targets = new MeshTargets(cluster, pods, this.proxies);
    this.waypoints = waypointPods(pods);
  }

  /** Whether the mesh says anything at all. */
  get isSilent(): boolean {
    return (
      this.targets.byPlace.every((target) => target === undefined) &&
      !this.proxies.includes('ambient')
    );
  }

  /** Network policy and proxies together. */
  between(asked: Asked): PairVerdict {
    const { from, to, sameNamespace } = asked;
    const network = this.network.between({ place: from }, { place: to }, sameNamespace);
    return this.over(network, asked, () => this.toWaypoint(asked));
  }

  /** What the mesh makes of a verdict of the network; `waypoint`: of the way through it. */
  over(
    network: Verdict,
    { from, to }: Omit<Asked, 'sameNamespace'>,
    waypoint: () => Verdict | undefined,
    caller = this.callerAt(from),
  ): PairVerdict {
    return this.joined(network, { to, caller, captured: this.isCaptured(from, to) }, waypoint);
  }

  /**
   * From a pod of the mesh that nobody shows and no policy names; network policy sees it as it sees
   * `from`, which stands outside the mesh.
   */
  fromMember(from: number, to: number): PairVerdict {
    const captured = this.carries('ambient', this.proxies[to]);
    const caller = { identity: this.nobody(), addresses: [] };
    const network = this.network.between({ place: from }, { place: to });
    return this.joined(network, { to, caller, captured }, () =>
      this.toWaypoint({ from, to, sameNamespace: false }),
    );
  }

  /** To such a pod: it has no policies that anybody shows. */
  toMember(from: number, to: number): PairVerdict {
    const captured = this.carries(this.proxies[from], 'ambient');
    const network = this.network.between({ place: from }, { place: to });
    return this.joined(network, { to, caller: this.callerAt(from), captured }, () => undefined);
  }

  private joined(
    network: Verdict,
    { to, caller, captured }: Entering,
    waypoint: () => Verdict | undefined,
  ): PairVerdict {
    const target = this.targets.byPlace[to];
    if (captured === false && target === undefined) return ofNetwork(network);
    const { pool } = this.network.compilation;
    const others = withoutTcp(pool, network);
    const direct = this.direct(carried(pool, network, captured), target, caller);
    // whether anything stands before the pods is not known: certain is what passes either way
    const ways = [this.proxies[to] === 'unknown' ? direct.map(orWithoutProxy) : direct];
    const through = captured === true ? waypoint() : undefined;
    if (through !== undefined && target?.waypoint !== undefined) {
      ways.push(this.through(overHbone(pool, through), target, caller));
    }
    return assembled(pool, others, union(ways));
  }

  /** What the mesh makes of what the network says of an address: it has no identity. */
  fromAddress(network: Verdict, to: number): PairVerdict {
    const target = this.targets.byPlace[to];
    if (target === undefined) return ofNetwork(network);
    const { pool } = this.network.compilation;
    return assembled(
      pool,
      withoutTcp(pool, network),
      this.direct(network, target, { addresses: [] }),
    );
  }

  /** The caller as proxies see it. */
  callerAt(place: number): Caller {
    const { classes } = this.network.compilation.pods;
    const proxy = this.proxies[place] ?? 'none';
    const own = classes[place];
    if (own === undefined || proxy === 'none') return { addresses: own?.pods.addresses ?? [] };
    const { addresses, serviceAccount } = own.pods;
    const { trustDomain } = this.cluster.profile.mesh;
    const { namespace } = own.workload;
    const identity: MeshIdentity = { trustDomain, namespace, account: serviceAccount };
    return { identity: proxy === 'unknown' ? 'unknown' : identity, addresses };
  }

  /** A caller of the same kind whom no policy names. */
  unnamed(place: number): Caller {
    const { identity, addresses } = this.callerAt(place);
    const known = identity === undefined || identity === 'unknown' ? identity : this.nobody();
    return {
      ...(known === undefined ? {} : { identity: known }),
      addresses: addresses.slice(0, 0),
    };
  }

  /** No namespace and no account have such names. */
  private nobody(): MeshIdentity {
    const { trustDomain } = this.cluster.profile.mesh;
    return { trustDomain, namespace: '~', account: '~' };
  }

  /** The class of a waypoint's pods; -1: nobody runs it. */
  waypointOf(place: number): number {
    const waypoint = this.targets.byPlace[place]?.waypoint;
    if (waypoint === undefined) return -1;
    return this.waypoints.get(`${waypoint.namespace}/${waypoint.name}`) ?? -1;
  }

  /** Both steps through the waypoint, as the network has them. */
  private toWaypoint({ from, to, sameNamespace }: Asked): Verdict | undefined {
    const place = this.waypointOf(to);
    if (place < 0) return undefined;
    const waypoint = { place };
    // the waypoint usually lives beside the pods, and then shares what they share
    const shares = this.network.share(waypoint, { place: to })
      ? sameNamespace
      : this.network.share({ place: from }, waypoint);
    const first = this.network.between({ place: from }, waypoint, shares);
    return this.steps(first, to);
  }

  /** The way to a waypoint, and from there to the pods. */
  steps(first: Verdict, to: number): Verdict | undefined {
    const place = this.waypointOf(to);
    if (place < 0) return undefined;
    return both(
      this.network.compilation.pool,
      first,
      this.network.between({ place }, { place: to }),
    );
  }

  /** Whether the nodes carry the connection over HBONE. */
  isCaptured(from: number, to: number): boolean | 'unknown' {
    // an address has no place
    return this.carries(this.proxies[from], this.proxies[to]);
  }

  private carries(source: Proxy = 'none', target: Proxy = 'none'): boolean | 'unknown' {
    if (target === 'unknown')
      return this.cluster.profile.mesh.mode === 'sidecar' ? false : 'unknown';
    if (target !== 'ambient') return false;
    if (source === 'ambient') return true;
    // whether a sidecar speaks HBONE to ambient pods is up to its version
    return source === 'none' ? false : 'unknown';
  }

  private direct(network: Verdict, target: MeshTarget | undefined, caller: Caller): TcpPart[] {
    const { pool } = this.network.compilation;
    if (target === undefined) return partsOf(pool, network, [EVERYTHING]);
    return partsOf(pool, network, this.answersOf(target, caller, 'direct'));
  }

  private through(network: Verdict, target: MeshTarget, caller: Caller): TcpPart[] {
    return partsOf(
      this.network.compilation.pool,
      network,
      this.answersOf(target, caller, 'through'),
    );
  }

  /** By range of ports; asked once per target and kind of caller. */
  private answersOf(
    target: MeshTarget,
    caller: Caller,
    way: 'direct' | 'through',
  ): readonly TcpPart[] {
    const key = `${way} ${String(target.id)} ${callerKey(caller)}`;
    return remember(this.answers, key, () =>
      target.cuts.map((low, index): TcpPart => {
        const range: PortRange = [low, (target.cuts[index + 1] ?? 65536) - 1];
        return { range, answer: target[way](low, caller) ?? NOTHING_ALLOWED };
      }),
    );
  }
}

const EVERYTHING: TcpPart = {
  range: [1, 65535],
  answer: { allowed: ALL_REQUESTS, possible: ALL_REQUESTS, missing: [] },
};

function orWithoutProxy({ range, answer }: TcpPart): TcpPart {
  const missing = { fact: 'mesh-membership', detail: 'whether the pods have a proxy' } as const;
  const { allowed } = answer;
  return {
    range,
    answer: settled({ allowed, possible: ALL_REQUESTS, missing: [...answer.missing, missing] }),
  };
}

export function callerKey({ identity, addresses }: Caller): string {
  const who =
    identity === undefined || identity === 'unknown'
      ? String(identity)
      : `${identity.trustDomain}/${identity.namespace}/${identity.account}`;
  return `${who} ${addresses.join(',')}`;
}

function waypointPods({ classes }: Pods): ReadonlyMap<string, number> {
  return new Map(
    classes.flatMap(({ index, workload, pods }) => {
      const name = pods.labels[WAYPOINT_OF];
      return name === undefined ? [] : [[`${workload.namespace}/${name}`, index] as const];
    }),
  );
}

/** TCP of a verdict, cut so that network and proxies say one thing on each range. */
function partsOf(pool: ConnectionPool, network: Verdict, answers: readonly TcpPart[]): TcpPart[] {
  const sure = pool.rangesOf(network.sure, Protocol.TCP);
  const open = pool.rangesOf(network.unsure, Protocol.TCP);
  const missing = network.facts.map((fact) => ({ fact, detail: fact }));
  return answers.flatMap(({ range, answer }) => [
    ...overlaps(range, sure).map((one): TcpPart => ({ range: one, answer })),
    ...overlaps(range, open).map((one): TcpPart => ({
      range: one,
      answer: settled({
        allowed: NO_REQUESTS,
        possible: answer.possible,
        missing: [...missing, ...answer.missing],
      }),
    })),
  ]);
}

function overlaps([low, high]: PortRange, ranges: readonly PortRange[]): PortRange[] {
  return ranges.flatMap(([from, to]): PortRange[] => {
    const common: PortRange = [Math.max(low, from), Math.min(high, to)];
    return common[0] <= common[1] ? [common] : [];
  });
}

/** Several ways in: each range where one of them changes. */
function union(ways: readonly (readonly TcpPart[])[]): TcpPart[] {
  const [only, ...others] = ways;
  if (only === undefined) return [];
  if (others.length === 0) return [...only];
  const starts = new Set(
    ways.flatMap((way) => way.flatMap(({ range: [low, high] }) => [low, high + 1])),
  );
  const sorted = [...starts].sort((a, b) => a - b);
  return sorted.flatMap((low, index): TcpPart[] => {
    const next = sorted[index + 1];
    if (next === undefined) return [];
    const answers = ways.flatMap((way) =>
      way.filter(({ range }) => range[0] <= low && low <= range[1]).map(({ answer }) => answer),
    );
    return answers.length === 0 ? [] : [{ range: [low, next - 1], answer: allowedByWays(answers) }];
  });
}

/** Where HBONE passes, every TCP port does, as far as the network can tell. */
function overHbone(pool: ConnectionPool, { sure, unsure, facts }: Verdict): Verdict {
  const every = pool.idOfPorts(Protocol.TCP, [[1, 65535]]);
  if (pool.has(sure, Protocol.TCP, HBONE)) return { sure: every, unsure: NONE, facts: [] };
  const maybe = pool.has(unsure, Protocol.TCP, HBONE);
  return { sure: NONE, unsure: maybe ? every : NONE, facts: maybe ? facts : [] };
}

/** TCP as the nodes carry it: plainly, over HBONE, or one of them and nobody knows which. */
function carried(pool: ConnectionPool, network: Verdict, captured: boolean | 'unknown'): Verdict {
  if (captured === false) return network;
  const over = overHbone(pool, network);
  if (captured === true) return over;
  const possible = [network, over].flatMap(({ sure, unsure }) => [sure, unsure]);
  const facts = [...new Set<Fact>([...network.facts, ...over.facts, 'mesh-membership'])].sort();
  return { sure: NONE, unsure: possible.reduce((all, one) => pool.union(all, one), NONE), facts };
}

function withoutTcp(pool: ConnectionPool, { sure, unsure: open, facts }: Verdict): Verdict {
  const tcp = pool.idOfPorts(Protocol.TCP, [[1, 65535]]);
  const left = pool.without(open, tcp);
  return { sure: pool.without(sure, tcp), unsure: left, facts: left === NONE ? [] : facts };
}
