/**
 * What tells two pairs of pods apart, over all layers: the rules of network policy at both ends, the
 * identities that the target's proxies name, and in ambient the waypoint between them.
 */
import type { Entry, Gate, Ordered } from './gate';
import { mentions } from './gate';
import { Mentions } from './mesh/mentions';
import type { Mesh } from './mesh/mesh';
import type { Network } from './network';
import type { PeerSet } from './peer-sets';
import { includes, remember } from './pods';
import type { Side, Sides } from './quotient';

export function sidesOf(network: Network, mesh: Mesh | undefined): Sides {
  const { classes } = network.compilation.pods;
  const plain = new PlainSides();
  const ofGate = (gate: Gate | undefined): Side => plain.of(gate);
  const layers = mesh === undefined ? undefined : new MeshSides(network, mesh, ofGate);
  return {
    source: (place) => layers?.source(place) ?? ofGate(network.gates.egress[place]),
    destination: (place) => layers?.destination(place) ?? ofGate(network.gates.ingress[place]),
    namespaceOf: (place) => classes[place]?.namespace ?? -1,
    kindOf: (place) => [network.lookOf(place).key, layers?.kindOf(place)].join(' '),
    count: classes.length,
  };
}

const NOTHING: Side = { id: -1, mentions: [], here: [] };

/** Sides by what they say of pods. */
class PlainSides {
  private readonly byGate: Side[] = [];
  private readonly byMeaning = new Map<string, Side>();

  of(gate: Gate | undefined): Side {
    if (gate === undefined) return NOTHING;
    return (this.byGate[gate.id] ??= remember(this.byMeaning, meaningOf(gate), () =>
      sideOfGate(gate, this.byMeaning.size),
    ));
  }
}

/** Gates of equal meaning answer alike for every pod, though addresses outside may tell them apart. */
function meaningOf({ admin, isolated, entries, baseline }: Gate): string {
  const ofTier = (tier: readonly Ordered[]): string =>
    tier
      .map((one) => `${String(one.priority)}:${[...new Set(one.entries.map(ofEntry))].join(',')}`)
      .join(';');
  const sorted = [...new Set(entries.map(ofEntry))].sort((a, b) => a - b).join(',');
  return `${ofTier(admin)}|${String(isolated)}|${sorted}|${ofTier(baseline)}`;
}

function ofEntry({ meaning }: Entry): number {
  return meaning;
}

function sideOfGate(gate: Gate, id: number): Side {
  const named = new Set<PeerSet>();
  const here = new Set<PeerSet>();
  for (const { peers } of mentions(gate)) {
    if (peers.kind === 'pods') named.add(peers.set);
    if (peers.kind === 'addresses') named.add(peers.set.peers);
    if (peers.kind === 'same-namespace') here.add(peers.set);
  }
  return { id, mentions: [...named], here: [...here] };
}

/** The same with the mesh's part. */
class MeshSides {
  private readonly mentions: Mentions;
  private readonly sides = new Map<string, Side>();
  private readonly behind: ReadonlyMap<number, readonly number[]>;
  /** Whether a waypoint serves pods of another namespace: then namespaces tell pods apart. */
  private readonly abroad: boolean;

  constructor(
    private readonly network: Network,
    private readonly mesh: Mesh,
    private readonly ofGate: (gate: Gate | undefined) => Side,
  ) {
    const { pods, sets } = network.compilation;
    const setOf = (key: string, places: readonly number[]): PeerSet =>
      sets.ofPlaces(key, { sure: places, maybe: [] }, 'caller-identity');
    const addressed = pods.classes.flatMap(({ index }) =>
      network.lookOf(index).addressed ? [index] : [],
    );
    this.mentions = new Mentions(pods, mesh, setOf, addressed);
    this.behind = behindWaypoints(network, mesh);
    this.abroad = [...this.behind].some(([waypoint, places]) =>
      places.some((place) => !network.share({ place: waypoint }, { place })),
    );
  }

  source(place: number): Side {
    const own = this.ofGate(this.network.gates.egress[place]);
    if (this.behind.size === 0) return own;
    return remember(this.sides, `from ${String(own.id)}`, () => {
      const named = [...own.mentions, ...own.here];
      const reached = [...this.behind].filter(([waypoint]) =>
        named.some((set) => isIn(set, waypoint)),
      );
      // whoever names a waypoint names whatever stands behind it
      const extra = reached.map(([waypoint, places]) => this.setBehind(waypoint, places));
      const here = own.here.length > 0 ? [...own.here, ...extra] : own.here;
      return { ...own, mentions: [...own.mentions, ...extra], here };
    });
  }

  destination(place: number): Side {
    const own = this.ofGate(this.network.gates.ingress[place]);
    const target = this.mesh.targets.byPlace[place];
    const waypoint = this.mesh.waypointOf(place);
    if (target === undefined) return own;
    const before = waypoint < 0 ? NOTHING : this.ofGate(this.network.gates.ingress[waypoint]);
    return remember(
      this.sides,
      `to ${String(own.id)} ${String(target.id)} ${String(before.id)}`,
      () => ({
        id: MESHED + this.sides.size,
        mentions: [...own.mentions, ...before.mentions, ...this.mentions.of(target.tests)],
        here: [...own.here, ...before.here],
      }),
    );
  }

  kindOf(place: number): string {
    const target = this.mesh.targets.byPlace[place];
    const { namespace } = this.network.compilation.pods.classes[place] ?? {};
    return [
      this.mesh.proxies[place],
      target?.id,
      this.mesh.waypointOf(place),
      this.abroad ? namespace : '',
    ].join(' ');
  }

  private setBehind(waypoint: number, places: readonly number[]): PeerSet {
    const key = `behind ${String(waypoint)}`;
    return this.network.compilation.sets.ofPlaces(key, { sure: places, maybe: [] }, 'pod-address');
  }
}

/** Ids of sides with a mesh target start here, beyond those of gates. */
const MESHED = 2 ** 31;

/** Pods by the waypoint that stands before them. */
function behindWaypoints(network: Network, mesh: Mesh): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  for (const { index } of network.compilation.pods.classes) {
    const waypoint = mesh.waypointOf(index);
    if (waypoint >= 0) remember(found, waypoint, (): number[] => []).push(index);
  }
  return found;
}

function isIn({ sure, maybe }: PeerSet, place: number): boolean {
  return includes(sure, place) || includes(maybe, place);
}
