/**
 * Who can reach whom: all pairs, kept symbolic. What holds for pods that no rule names is said once per
 * pair of gates; only pairs of which one names the other are judged one by one (quotient.ts). Pairs are
 * listed when somebody asks for them.
 */
import type { Cluster } from '../read/cluster';
import type { ConnectionPool } from './connections';
import type { Gate } from './gate';
import { Mesh } from './mesh/mesh';
import { withWaypoints } from './mesh/waypoint-pods';
import type { Look } from './network';
import { Network } from './network';
import type { PairVerdict } from './pair';
import { isNothing, NOTHING, ofNetwork } from './pair';
import { includes, remember } from './pods';
import type { Node, Quotient } from './quotient';
import { quotientOf } from './quotient';
import { sidesOf } from './sides';
import type { Verdict } from './verdict';
import { DENIED } from './verdict';

/** One class of pods that may reach another, or the same with two different pods. */
export interface Pair {
  readonly from: number;
  readonly to: number;
  readonly verdict: PairVerdict;
}

export class Reach {
  readonly network: Network;
  private readonly quotient: Quotient;
  /** Absent: no mesh says anything. */
  readonly mesh?: Mesh;
  /** How rules about addresses may see pods: few kinds. */
  private readonly looks: readonly Look[];
  private readonly judged = new Map<number, PairVerdict>();
  private readonly unnamed = new Map<string, PairVerdict>();

  constructor(cluster: Cluster) {
    const whole = withWaypoints(cluster);
    this.network = new Network(whole);
    const mesh = new Mesh(whole, this.network);
    if (!mesh.isSilent) this.mesh = mesh;
    this.quotient = quotientOf(sidesOf(this.network, this.mesh));
    const { classes } = this.network.compilation.pods;
    this.looks = [...new Set(classes.map(({ index }) => this.network.lookOf(index)))];
  }

  get pool(): ConnectionPool {
    return this.network.compilation.pool;
  }

  /** How many kinds of pods there are: the measure of cost. */
  get nodes(): readonly Node[] {
    return this.quotient.nodes;
  }

  /** Judges every pair that can differ from the rest; listing and asking do it as they go. */
  prepare(): number {
    let count = 0;
    this.quotient.special.forEach((destinations, from) => {
      for (const to of destinations) {
        this.judge(from, to, false);
        count += 1;
      }
    });
    this.quotient.neighbours.forEach((destinations, from) => {
      for (const to of destinations) {
        this.judge(from, to, true);
        count += 1;
      }
    });
    return count;
  }

  /** Two classes by their places. */
  between(from: number, to: number): PairVerdict {
    const [a, b] = [this.nodeAt(from), this.nodeAt(to)];
    const { classes } = this.network.compilation.pods;
    const together = classes[from]?.namespace === classes[to]?.namespace;
    if (together && includes(this.quotient.neighbours[a] ?? [], b)) return this.judge(a, b, true);
    if (includes(this.quotient.special[a] ?? [], b)) return this.judge(a, b, false);
    return this.ofOthers(a, b);
  }

  /** Pairs that are allowed or unknown, by source and then by destination. */
  *pairs(from?: (place: number) => boolean, to?: (place: number) => boolean): Generator<Pair> {
    for (const { index } of this.network.compilation.pods.classes) {
      if (from === undefined || from(index)) yield* this.pairsFrom(index, to);
    }
  }

  /** The same of one source. */
  *pairsFrom(from: number, to?: (place: number) => boolean): Generator<Pair> {
    for (const other of this.candidates(from)) {
      if (to !== undefined && !to(other)) continue;
      const verdict = this.between(from, other);
      if (!isNothing(verdict)) yield { from, to: other, verdict };
    }
  }

  /** Destinations that a class may reach: all, unless only those that a rule names come into question. */
  private candidates(from: number): readonly number[] {
    const node = this.nodeAt(from);
    const { pods } = this.network.compilation;
    const special = this.quotient.special[node] ?? [];
    const open = this.openTo(node);
    const near = pods.spanOf(pods.classes[from]?.namespace ?? -1);
    const places = new Set<number>();
    for (const to of special) for (const place of this.nodes[to]?.places ?? []) places.add(place);
    for (const to of open) for (const place of this.nodes[to]?.places ?? []) places.add(place);
    for (let place = near.start; place < near.end; place += 1) places.add(place);
    return [...places].sort((a, b) => a - b);
  }

  /** Nodes that let the node in though neither names the other. */
  private openTo(node: number): readonly number[] {
    const own = this.nodes[node];
    if (own === undefined || !this.sendsToOthers(own)) return [];
    const gate = this.gateOf('egress', own);
    const key = `${String(gate?.id)} ${this.callerKind(own)}`;
    return remember(this.open, key, () =>
      this.admitting(own).filter((id) => !isNothing(this.ofOthers(node, id))),
    );
  }

  /** Nodes that let in, themselves or at their waypoint, sources of this look whom they do not name. */
  private admitting({ places: [from = -1] }: Node): readonly number[] {
    const look = this.network.lookOf(from);
    return remember(this.admittingBy, look.key, () =>
      this.nodes.flatMap(({ id, places: [place = -1] }) => {
        const ends = [place, this.mesh?.waypointOf(place) ?? -1].filter((one) => one >= 0);
        return ends.some((end) => this.network.isOpenTo('ingress', { place: end }, look))
          ? [id]
          : [];
      }),
    );
  }
  private readonly admittingBy = new Map<string, readonly number[]>();
  private readonly open = new Map<string, readonly number[]>();

  /** Whether a source's own rules let it reach anybody whom they do not name. */
  private sendsToOthers({ places: [place = -1] }: Node): boolean {
    return this.looks.some((look) => this.network.isOpenTo('egress', { place }, look));
  }

  /** Equal for sources that nobody who does not name them tells apart. */
  private callerKind({ places: [place = -1] }: Node): string {
    return `${this.network.lookOf(place).key} ${this.mesh?.proxies[place] ?? ''}`;
  }

  private judge(from: number, to: number, sameNamespace: boolean): PairVerdict {
    const key = (from * this.nodes.length + to) * 2 + (sameNamespace ? 1 : 0);
    return remember(this.judged, key, () => {
      const [a, b] = [this.nodes[from]?.places[0], this.nodes[to]?.places[0]];
      if (a === undefined || b === undefined) return NOTHING;
      if (this.mesh !== undefined) return this.mesh.between({ from: a, to: b, sameNamespace });
      return ofNetwork(this.network.between({ place: a }, { place: b }, sameNamespace));
    });
  }

  /** Neither names the other. */
  private ofOthers(from: number, to: number): PairVerdict {
    const [a, b] = [this.nodes[from], this.nodes[to]];
    if (a === undefined || b === undefined) return NOTHING;
    const { mesh } = this;
    const network = this.networkOfOthers(a, b);
    if (mesh === undefined) return ofNetwork(network);
    const [source = -1] = a.places;
    const [target = -1] = b.places;
    const waypoint = mesh.waypointOf(target);
    const entering =
      waypoint < 0 ? undefined : this.networkOfOthers(a, this.nodes[this.nodeAt(waypoint)]);
    const key = [
      ...[network.sure, network.unsure, network.facts, entering?.sure, entering?.unsure],
      ...[
        entering?.facts,
        this.callerKind(a),
        mesh.proxies[target],
        mesh.targets.byPlace[target]?.id,
      ],
      waypoint < 0 ? '' : target,
    ].join(' ');
    return remember(this.unnamed, key, () =>
      mesh.over(
        network,
        { from: source, to: target },
        () => (entering === undefined ? undefined : mesh.steps(entering, target)),
        mesh.unnamed(source),
      ),
    );
  }

  private networkOfOthers({ places: [from] }: Node, b: Node | undefined): Verdict {
    const [to] = b?.places ?? [];
    if (from === undefined || to === undefined) return DENIED;
    return this.network.betweenStrangers({ place: from }, { place: to });
  }

  private gateOf(direction: 'ingress' | 'egress', { places }: Node): Gate | undefined {
    const [place] = places;
    return place === undefined ? undefined : this.network.gateOf(direction, { place });
  }

  private nodeAt(place: number): number {
    return this.quotient.nodeOf[place] ?? -1;
  }
}
