/**
 * One cluster with everything that questions need: what was read, who reaches whom, and which policies
 * select whom. Questions are functions of it, one file each.
 */
import { carriesLabels } from '../values/selector';
import type { Cluster, PodGroup } from '../read/cluster';
import type { Protocol } from '../values/port';
import { addressOf } from './addresses';
import type { ConnectionsId } from './connections';
import { addressVerdicts, verdictOfAddress } from './external';
import type { Direction } from './compilation';
import type { PodPoint } from './istio/attachment';
import type { Proxy } from './mesh/participation';
import { proxiesOf } from './mesh/participation';
import { PoliciesOf } from './policies-of';
import type { PodClass, Pods } from './pods';
import { Reach } from './reach';
import type { VerdictWord } from './result';
import type { StrangerOptions } from './strangers';
import { STRANGER, withStrangers } from './strangers';
import type { Verdict } from './verdict';

export class World {
  readonly reach: Reach;
  readonly policies: PoliciesOf;

  /** As it was read, with its strangers. */
  readonly cluster: Cluster;

  constructor(cluster: Cluster, strangers?: StrangerOptions) {
    this.cluster = withStrangers(cluster, strangers);
    this.reach = new Reach(this.cluster);
    this.policies = new PoliciesOf(this.cluster, this.pods);
  }

  get pods(): Pods {
    return this.reach.network.compilation.pods;
  }

  get classes(): readonly PodClass[] {
    return this.pods.classes;
  }

  /** Whether every way in, or out, is held by a policy. */
  isIsolated(place: number, direction: Direction): boolean {
    return this.reach.network.gateOf(direction, { place })?.isolated === true;
  }

  /** How the pods of a class are joined to the mesh, whether or not any policy speaks of it. */
  proxyAt(place: number): Proxy {
    this.proxies ??= this.reach.mesh?.proxies ?? proxiesOf(this.cluster, this.pods);
    return this.proxies[place] ?? 'none';
  }
  private proxies: readonly Proxy[] | undefined;

  /** Where the mesh's policies for the pods of a class are enforced; undefined: nowhere. */
  pointOf(place: number): PodPoint | undefined {
    const [own, proxy] = [this.classes[place], this.proxyAt(place)];
    if (own === undefined || (proxy !== 'sidecar' && proxy !== 'ambient')) return undefined;
    return {
      proxy: proxy === 'ambient' ? 'ztunnel' : 'sidecar',
      namespace: own.workload.namespace,
      labels: own.pods.labels,
      rootNamespace: this.cluster.profile.mesh.rootNamespace,
    };
  }

  /** What network policy allows, or may allow, to or from at least one address that is no pod's. */
  toAnyAddress(place: number, direction: Direction): ConnectionsId {
    const { pool } = this.reach;
    return addressVerdicts(pool, this.reach.network.gateOf(direction, { place })).reduce(
      (all, { verdict: { sure, unsure } }) => pool.union(all, pool.union(sure, unsure)),
      0,
    );
  }

  /** What network policy says of an address that is no pod's, to or from a class of pods. */
  ofAddress(place: number, direction: Direction, address: string): Verdict | undefined {
    const parsed = addressOf(address);
    if (parsed === undefined) return undefined;
    const gate = this.reach.network.gateOf(direction, { place });
    return verdictOfAddress(this.reach.pool, gate, parsed);
  }

  /** Classes that the input shows: no strangers. */
  shown(places: readonly number[]): readonly number[] {
    return places.filter((place) => this.classes[place]?.workload.kind !== STRANGER);
  }

  /** Classes of a group, strangers among them. */
  group({ namespace, labels }: PodGroup): readonly PodClass[] {
    const { start, end } = this.pods.spanOf(this.pods.placeOf(namespace));
    return this.classes.slice(start, end).filter(({ pods }) => carriesLabels(pods.labels, labels));
  }

  /** What network policy says at one end only, of pods of a class to or from those of another one. */
  half(place: number, direction: Direction, peer: number): Verdict {
    return this.reach.network.at(direction, { place }, { place: peer });
  }

  /** One port of a verdict, in a word. */
  word({ sure, unsure }: Verdict, protocol: Protocol, port: number): VerdictWord {
    if (this.reach.pool.has(sure, protocol, port)) return 'ALLOWED';
    return this.reach.pool.has(unsure, protocol, port) ? 'UNKNOWN' : 'DENIED';
  }
}
