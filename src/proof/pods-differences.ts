/**
 * Declared against reachable, pods by pods: for every direction that is ours of every isolated class,
 * what the policies let through and what was declared. Pods that neither names are alike, so that one
 * of each kind stands for all.
 */
import type { ConnectionsId } from '../engine/connections';
import { NONE } from '../engine/connections';
import type { Direction } from '../engine/compilation';
import {
  ALL_REQUESTS,
  isEmptyRequests,
  NO_REQUESTS,
  subtractRequests,
} from '../engine/http/requests';
import type { RequestSet } from '../engine/http/requests';
import { isCaptured } from '../engine/istio/allowed';
import { HBONE } from '../engine/mesh/mesh';
import { WAYPOINT_OF } from '../engine/mesh/participation';
import { STRANGER } from '../engine/strangers';
import type { Verdict } from '../engine/verdict';
import type { PairVerdict } from '../engine/pair';
import { ofNetwork } from '../engine/pair';
import type { PodClass } from '../engine/pods';
import type { World } from '../engine/world';
import type { FlowData } from '../traffic/data';
import { Protocol } from '../values/port';
import { describeRanges } from './describe';
import type { Declared, Ends, Stated } from './declared';
import type { Part } from './parts';
import { covering, partsOf, requestsMeant, withRequests } from './parts';
import type { Peers } from './peers';

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
  constructor(
    private readonly world: World,
    private readonly declared: Declared,
    private readonly peers: Peers,
    /** Whether a proxy sees what comes in. */
    private readonly held: (own: PodClass) => boolean,
  ) {}

  /** Of one direction of one class. */
  of(own: PodClass, direction: Direction): Difference[] {
    const flows = this.declared.flowsAt(own, direction);
    return this.peers.of(own, direction, flows).flatMap((place) => {
      const peer = this.world.classes[place];
      if (peer === undefined) return [];
      return this.compare(
        { own, direction, peer },
        this.declared.stated(flows, direction, { own, peer }),
        direction === 'ingress' ? this.declared.admitted(flows, { own, peer }) : undefined,
      );
    });
  }

  private compare(
    { own, direction, peer }: Compared,
    stated: readonly Stated[],
    admitted: ConnectionsId | undefined,
  ): Difference[] {
    if (this.isWaypoint(peer)) return [];
    const carried = direction === 'egress' && this.isCarried(own, peer);
    const verdict = this.verdict(own, direction, peer);
    const proxied = direction === 'ingress' && this.held(own);
    const must = stated.filter(
      ({ meant, flow }) =>
        meant === 'yes' &&
        // who proves nothing is nobody to a proxy, unless the flow means callers without identity
        (!proxied || this.proves(peer) || this.declared.admitsPlain(flow, own)) &&
        // pods without proxy need none of what proxies need
        (flow.origin !== 'mesh' || this.declared.mayHaveProxy(own)),
    );
    const open = this.mayBeCarried(own, peer);
    // nodes carry TCP only
    const overHbone = carried ? this.carried(own, peer, stated) : [];
    const parts = partsOf(this.world, verdict, stated).flatMap((part) => {
      if (carried && part.protocol === Protocol.TCP) return [];
      const asked = { own, proxied, part };
      if (this.isPlumbing(part) && stated.length > 0) return [];
      const proven = admitted === undefined || this.admits(admitted, asked);
      const wider = subtractRequests(part.allowed, proven ? this.sum(stated, asked) : NO_REQUESTS);
      const { protocol, range } = part;
      // where nobody knows which port the nodes see, both are open for flows that may be plain
      const needed = must.filter(
        ({ flow }) => !open || protocol !== Protocol.TCP || this.declared.isPlain(flow),
      );
      const lacking = subtractRequests(this.sum(needed, asked), part.possible);
      const text = `${protocol} ${describeRanges([range])}`;
      const say = (kind: Difference['kind'], requests: RequestSet): Difference[] =>
        isEmptyRequests(requests)
          ? []
          : [
              {
                ...{ kind, direction, own, peer: peer.workload.id },
                what: withRequests(text, requests),
                flows: covering(this.world, needed, part).map(({ flow }) => flow),
              },
            ];
      return [...say('widened', wider), ...say('missing', lacking)];
    });
    return [...overHbone, ...parts];
  }

  /** What some flows state of a port; where no proxy looks, a limit is waived or was refused. */
  private sum(stated: readonly Stated[], { own, proxied, part }: Asked): RequestSet {
    const said = covering(this.world, stated, part);
    const [port] = part.range;
    if (proxied && part.protocol === Protocol.TCP && this.declared.readsRequests(own, port)) {
      return requestsMeant(said, this.declared.tokensAt(own, port));
    }
    return said.length === 0 ? NO_REQUESTS : ALL_REQUESTS;
  }

  /** Whether the proxy of these pods lets the callers in on this port, if it sees it at all. */
  private admits(admitted: ConnectionsId, { own, proxied, part }: Asked): boolean {
    const { pool, mesh } = this.world.reach;
    const { protocol, range } = part;
    const proxy = mesh?.proxies[own.index] === 'ambient' ? 'ztunnel' : 'sidecar';
    if (!proxied || protocol !== Protocol.TCP || !isCaptured(proxy, range[0])) return true;
    return pool.has(admitted, protocol, range[0]);
  }

  /**
   * The caller's side of pods whose nodes carry TCP over HBONE: its policies see that port alone, and
   * which ports are meant is held by the callee.
   */
  private carried(own: PodClass, peer: PodClass, stated: readonly Stated[]): Difference[] {
    const { reach } = this.world;
    const tcp = reach.pool.idOfPorts(Protocol.TCP, [[1, 65535]]);
    const overTcp = stated.filter(
      ({ connections }) => reach.pool.common(connections, tcp) !== NONE,
    );
    const waypoint = reach.mesh?.waypointOf(peer.index) ?? -1;
    const ways = [peer.index, ...(waypoint < 0 ? [] : [waypoint])].map((place) =>
      this.world.half(own.index, 'egress', place),
    );
    const has = (key: 'sure' | 'unsure', verdicts: readonly Verdict[]): boolean =>
      verdicts.some((one) => reach.pool.has(one[key], Protocol.TCP, HBONE));
    const say = (kind: Difference['kind'], flows: readonly Stated[]): Difference[] => [
      {
        ...{ kind, direction: 'egress', own, peer: peer.workload.id },
        what: `TCP ${String(HBONE)} (HBONE)`,
        flows: flows.map(({ flow }) => flow),
      },
    ];
    const [direct] = ways;
    if (overTcp.length === 0 && direct !== undefined && has('sure', [direct]))
      return say('widened', []);
    const hidden = this.hidden(own, peer, overTcp);
    if (hidden !== undefined) return [hidden];
    const must = overTcp.filter(({ meant }) => meant === 'yes');
    return must.length > 0 && !has('sure', ways) && !has('unsure', ways)
      ? say('missing', must)
      : [];
  }

  /** Ports of a callee that nobody isolates: its proxy has to hold them, for each isolated caller. */
  private hidden(own: PodClass, peer: PodClass, stated: readonly Stated[]): Difference | undefined {
    const { pool } = this.world.reach;
    if ([own, peer].some(({ workload }) => workload.kind === STRANGER)) return undefined;
    if (this.world.isIsolated(peer.index, 'ingress')) return undefined;
    if (stated.some(({ flow }) => flow.from.kind !== 'workload')) return undefined;
    if (stated.some(({ flow, meant }) => meant !== 'yes' || this.declared.leavesPorts(flow))) {
      return undefined;
    }
    const said = stated.reduce((sum, one) => pool.union(sum, one.connections), NONE);
    const { sure } = this.world.reach.between(own.index, peer.index);
    const wider = pool.rangesOf(pool.without(sure, said), Protocol.TCP);
    if (wider.length === 0) return undefined;
    const what = `TCP ${describeRanges(wider)}`;
    const flows = stated.map(({ flow }) => flow);
    return { kind: 'widened', direction: 'egress', own, peer: peer.workload.id, what, flows };
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

  /** The nodes' own port, which is opened beside the declared ones: a group may be in the mesh in part. */
  private isPlumbing({ protocol, range }: Part): boolean {
    const { mode } = this.world.cluster.profile.mesh;
    return mode === 'ambient' && protocol === Protocol.TCP && range[0] === HBONE;
  }

  private proves({ index }: PodClass): boolean {
    const proxy = this.world.reach.mesh?.proxies[index];
    return proxy === 'sidecar' || proxy === 'ambient';
  }

  /** Whether nobody knows which port the caller's policies see. */
  private mayBeCarried(own: PodClass, peer: PodClass): boolean {
    const { mesh } = this.world.reach;
    const proxies = [own, peer].map(({ index }) => mesh?.proxies[index]);
    return this.world.cluster.profile.mesh.mode === 'ambient' && proxies.includes('unknown');
  }

  private isCarried(own: PodClass, peer: PodClass): boolean {
    const { mesh } = this.world.reach;
    return [own, peer].every(({ index }) => mesh?.proxies[index] === 'ambient');
  }

  /** Waypoints are a way to others: what passes them is asked of those. */
  private isWaypoint({ pods }: PodClass): boolean {
    return this.world.reach.mesh !== undefined && Object.hasOwn(pods.labels, WAYPOINT_OF);
  }
}

/** One direction of one class, towards another one. */
interface Compared extends Ends {
  readonly direction: Direction;
}

interface Asked {
  readonly own: PodClass;
  readonly proxied: boolean;
  readonly part: Part;
}
