/**
 * Whom is a class of pods compared with? Every class that a flow or a rule names, the pods of its own
 * namespace, and of all others one of each kind: neither side tells those apart. So the cost follows
 * declarations and rules, not pods × pods.
 */
import type { Direction } from '../engine/compilation';
import { mentions } from '../engine/gate';
import { Mentions } from '../engine/mesh/mentions';
import { count, remember } from '../engine/pods';
import type { PodClass } from '../engine/pods';
import type { World } from '../engine/world';
import type { FlowData } from '../traffic/data';
import { otherEndOf } from '../traffic/model';
import type { PeerData } from '../values/peer';
import type { Meaning } from './meaning';

export class Peers {
  private readonly mentioned: Mentions | undefined;
  private readonly named = new Map<PeerData, readonly number[]>();
  /** Classes that only a name could tell apart. */
  private readonly kinds = new Map<string, number[]>();

  constructor(
    private readonly world: World,
    private readonly meaning: Meaning,
  ) {
    const { mesh, network } = world.reach;
    const { sets } = network.compilation;
    if (mesh !== undefined) {
      this.mentioned = new Mentions(
        world.pods,
        mesh,
        (key, places) => sets.ofPlaces(key, { sure: places, maybe: [] }, 'caller-identity'),
        [],
      );
    }
    for (const { index } of world.classes) {
      const kind = `${mesh?.proxies[index] ?? ''} ${network.lookOf(index).key}`;
      remember(this.kinds, kind, (): number[] => []).push(index);
    }
  }

  /** Places, ascending. */
  of(own: PodClass, direction: Direction, flows: readonly FlowData[]): number[] {
    const near = this.world.pods.spanOf(own.namespace);
    const places = new Set(count(near.start, near.end));
    for (const flow of flows) {
      for (const place of this.namedBy(otherEndOf(flow, direction))) places.add(place);
    }
    for (const place of this.namedByRules(own, direction)) places.add(place);
    const others = [...this.kinds.values()].flatMap(
      (kind) => kind.find((place) => !places.has(place)) ?? [],
    );
    return [...places, ...others].sort((a, b) => a - b);
  }

  private namedBy(peer: PeerData): readonly number[] {
    return remember(this.named, peer, () => this.meaning.named(peer));
  }

  private namedByRules(own: PodClass, direction: Direction): number[] {
    const { mesh, network } = this.world.reach;
    const gate = network.gateOf(direction, { place: own.index });
    // rules about the own namespace name pods that are asked about anyway
    const sets = (gate === undefined ? [] : mentions(gate)).flatMap(({ peers }) =>
      peers.kind === 'pods' ? [peers.set] : [],
    );
    const target = direction === 'ingress' ? mesh?.targets.byPlace[own.index] : undefined;
    const identities = target === undefined ? [] : (this.mentioned?.of(target.tests) ?? []);
    return [...sets, ...identities].flatMap(({ sure, maybe }) => [...sure, ...maybe]);
  }
}
