/**
 * What can strangers reach of each workload, and what strangers can it reach? Strangers are pods and
 * addresses that no rule means by name: whoever else runs in the namespace or elsewhere, the internet,
 * the metadata addresses, the nodes.
 */
import type { Interval } from './addresses';
import { blockOf, cidrsOf, commonIntervals, everyAddress, intervalsWithout } from './addresses';
import { answersOf } from './connection-words';
import { addressVerdicts } from './external';
import type { Direction } from './compilation';
import type { PairVerdict } from './pair';
import { isNothing, merged, NOTHING, ofNetwork } from './pair';
import { remember } from './pods';
import { placesOf } from './question';
import type { ExposedWorkload, Exposure } from './result';
import { ELSEWHERE, isStranger } from './strangers';
import type { Verdict } from './verdict';
import { DENIED, either } from './verdict';
import type { World } from './world';

type Who = Exposure['stranger'];
type Intervals = Readonly<Record<4 | 6, readonly Interval[]>>;

/** Of all shown workloads, or of some of them by id; sorted. */
export function exposure(world: World, ids?: readonly string[]): ExposedWorkload[] {
  const shown = world.classes.filter(({ workload }) => !isStranger(workload));
  const all = ids ?? [...new Set(shown.map(({ workload }) => workload.id))];
  const strangers = new Strangers(world);
  return [...all].sort().flatMap((id) => {
    const places = placesOf(world, id);
    return places.length === 0 ? [] : [strangers.of(id, places)];
  });
}

/** Private, shared, link-local, multicast and unique-local space, and what is no host. */
const NOT_PUBLIC = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.168.0.0/16', '224.0.0.0/3'],
  ...['::/127', 'fc00::/7', 'fe80::/10', 'ff00::/8'],
];

class Strangers {
  private readonly outside: ReadonlyMap<Who, Intervals>;
  private readonly byGate = new Map<string, Verdict>();

  constructor(private readonly world: World) {
    const { profile, nodes } = world.cluster;
    const { podRanges = [], serviceRanges = [], nodeRanges } = profile;
    const own = [...podRanges, ...serviceRanges, ...(nodeRanges ?? [])];
    const closed = intervalsOf([...NOT_PUBLIC, ...own, ...profile.metadataAddresses]);
    const open = (family: 4 | 6) => intervalsWithout([everyAddress(family)], closed[family]);
    this.outside = new Map<Who, Intervals>([
      ['internet', { 4: open(4), 6: open(6) }],
      ['metadata address', intervalsOf(profile.metadataAddresses)],
      ['node', intervalsOf(nodeRanges ?? nodes.flatMap(({ addresses }) => addresses))],
    ]);
  }

  of(workload: string, places: readonly number[]): ExposedWorkload {
    const isolated = (['ingress', 'egress'] as const).filter((direction) =>
      places.every((place) => this.world.isIsolated(place, direction)),
    );
    const exposed = (direction: Direction): Exposure[] =>
      distinct(
        places.flatMap((place) => [
          ...this.pods(place, direction),
          ...this.addresses(place, direction),
        ]),
      );
    return { workload, isolated, from: exposed('ingress'), to: exposed('egress') };
  }

  private pods(place: number, direction: Direction): Exposure[] {
    const { namespace } = this.world.classes[place]?.workload ?? {};
    const near = placesOf(this.world, `${namespace ?? ''}/Stranger/any other pod`);
    const far = placesOf(this.world, `${ELSEWHERE}/Stranger/any pod`);
    const judge = (stranger: number): PairVerdict =>
      direction === 'ingress'
        ? this.world.reach.between(stranger, place)
        : this.world.reach.between(place, stranger);
    return [
      ...near.flatMap((one) => this.exposures('pod of the namespace', judge(one))),
      ...far.flatMap((one) =>
        this.exposures(
          'pod of another namespace',
          merged(this.world.reach.pool, judge(one), this.ofMesh(one, place, direction)),
        ),
      ),
    ];
  }

  /** A pod of another namespace that is in the mesh, and that no policy names. */
  private ofMesh(stranger: number, place: number, direction: Direction): PairVerdict {
    const { mesh } = this.world.reach;
    const proxy = mesh?.proxies[place] ?? 'none';
    if (mesh === undefined || proxy === 'none') return NOTHING;
    if (direction === 'ingress') return mesh.fromMember(stranger, place);
    // a sidecar calls whomever network policy lets it call, on that port
    return proxy === 'sidecar' ? NOTHING : mesh.toMember(place, stranger);
  }

  private addresses(place: number, direction: Direction): Exposure[] {
    return [...this.outside].flatMap(([who, intervals]) => {
      if (who === 'metadata address' && direction === 'ingress') return [];
      const network = this.ofAddresses(place, direction, who, intervals);
      if (direction === 'egress') return this.exposures(who, ofNetwork(network));
      return this.exposures(who, this.overMesh(place, network, intervals));
    });
  }

  /** What some of the addresses may do. */
  private ofAddresses(
    place: number,
    direction: Direction,
    who: Who,
    intervals: Intervals,
  ): Verdict {
    const { pool, network } = this.world.reach;
    const gate = network.gateOf(direction, { place });
    return remember(this.byGate, `${who} ${String(gate?.id)}`, () =>
      addressVerdicts(pool, gate)
        .filter((one) => commonIntervals(one.intervals, intervals[one.family]).length > 0)
        .reduce((sum, { verdict }) => either(pool, sum, verdict), DENIED),
    );
  }

  private overMesh(place: number, network: Verdict, intervals: Intervals): PairVerdict {
    const { mesh } = this.world.reach;
    if (mesh === undefined) return ofNetwork(network);
    const addresses = ([4, 6] as const).flatMap((family) =>
      intervals[family].flatMap((one) => cidrsOf(family, one)),
    );
    return mesh.over(network, { from: -1, to: place }, () => undefined, { addresses });
  }

  private exposures(stranger: Who, verdict: PairVerdict): Exposure[] {
    if (isNothing(verdict)) return [];
    return answersOf(this.world.reach.pool, verdict).map((answer) => ({ stranger, ...answer }));
  }
}

function intervalsOf(cidrs: readonly string[]): Intervals {
  const found: Record<4 | 6, Interval[]> = { 4: [], 6: [] };
  for (const text of cidrs) {
    const whole = text.includes('/') ? text : `${text}/${text.includes(':') ? '128' : '32'}`;
    const block = blockOf(whole);
    if (block !== undefined) found[block.family].push(...block.intervals);
  }
  return found;
}

function distinct(list: readonly Exposure[]): Exposure[] {
  return [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];
}
