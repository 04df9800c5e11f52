/**
 * What stands before the pods of a class in the mesh: the policies that their proxies obey, cut at the
 * ports that they tell apart. Classes that obey the same share one target.
 */
import { carriesLabels } from '../../values/selector';
import type { Cluster, IstioFacts } from '../../read/cluster';
import { Protocol } from '../../values/port';
import type { PortRange } from '../../values/port-ranges';
import type { AllowedRequests } from '../istio/combine';
import { allowedRequests } from '../istio/allowed';
import type { PortPolicies } from '../istio/allowed';
import { allowedThroughWaypoint, waypointOf } from '../istio/ambient';
import type { Waypoint } from '../istio/ambient';
import { appliesTo, selectorOf } from '../istio/attachment';
import type { EnforcementPoint, PodPoint } from '../istio/attachment';
import { compileAuthorization } from '../istio/authorization';
import type { CompiledPolicies } from '../istio/authorization';
import type { Caller, CallerTest } from '../istio/callers';
import { effectiveMtls } from '../istio/peer-authentication';
import { tokenRules } from '../istio/request-authentication';
import { objectOf } from '../istio/spec';
import type { PodClass, Pods } from '../pods';
import { remember } from '../pods';
import type { HttpPorts, Way } from './http-ports';
import { httpPorts, Ways } from './http-ports';
import type { Proxy } from './participation';

/** Pods behind proxies that obey the same policies. */
export interface MeshTarget {
  readonly id: number;
  readonly proxy: 'sidecar' | 'ambient';
  readonly authorization: CompiledPolicies;
  /** First ports of ranges that the policies treat alike, ascending; the first is 1. */
  readonly cuts: readonly number[];
  readonly waypoint?: Waypoint;
  /** Everything that is asked of callers, at the pods and at their waypoint. */
  readonly tests: readonly CallerTest[];
  /** What the pods' own proxy obeys on a port. */
  readonly policiesAt: (port: number) => PortPolicies;
  /** What the waypoint obeys, for each Service port that leads to the port. */
  readonly waypointAt: (port: number) => readonly PortPolicies[];
  /** What the pods' own proxy says. */
  direct(port: number, caller: Caller): AllowedRequests;
  /** What the waypoint says; undefined: no Service leads to the port. */
  through(port: number, caller: Caller): AllowedRequests | undefined;
}

export class MeshTargets {
  private readonly policies: ReadonlyMap<string, Policies>;
  private readonly ways: Ways;
  private readonly known = new Map<string, MeshTarget | undefined>();
  readonly byPlace: readonly (MeshTarget | undefined)[];

  constructor(
    private readonly cluster: Cluster,
    pods: Pods,
    proxies: readonly Proxy[],
  ) {
    this.ways = new Ways(cluster.services);
    this.policies = byNamespace(cluster);
    this.byPlace = pods.classes.map((one) => this.targetOf(one, proxies[one.index] ?? 'none'));
  }

  private targetOf(one: PodClass, proxy: Proxy): MeshTarget | undefined {
    if (proxy === 'none') return undefined;
    const { namespace } = one.workload;
    const { rootNamespace, trustDomain } = this.cluster.profile.mesh;
    const kind = proxy === 'ambient' ? 'ztunnel' : 'sidecar';
    const point: PodPoint = { proxy: kind, namespace, labels: one.pods.labels, rootNamespace };
    const near = this.near(namespace, rootNamespace);
    const own = selecting(near, point);
    const ways = this.ways.to(one);
    const http = httpPorts(one, ways);
    const behind = proxy === 'ambient' ? this.behind(ways, trustDomain) : undefined;
    const plain = own.authorizations.length + own.mtls.length + own.tokens.length === 0;
    if (plain && behind === undefined) return undefined;
    const key = JSON.stringify([kind, own.key, [...http], behind?.key]);
    return remember(this.known, key, () =>
      this.build({
        id: this.known.size,
        point,
        own,
        http,
        ...(behind === undefined ? {} : { behind }),
      }),
    );
  }

  private near(namespace: string, rootNamespace: string): Policies {
    const own = this.policies.get(namespace) ?? NO_POLICIES;
    const root = this.policies.get(rootNamespace) ?? NO_POLICIES;
    if (namespace === rootNamespace) return own;
    return {
      authorizations: [...root.authorizations, ...own.authorizations],
      mtls: [...root.mtls, ...own.mtls],
      tokens: [...root.tokens, ...own.tokens],
    };
  }

  /** The waypoint of the Services that lead to the pods. */
  private behind(ways: readonly Way[], trustDomain: string): Behind | undefined {
    for (const { service } of ways) {
      const waypoint = waypointOf(this.cluster, service, trustDomain);
      if (waypoint === undefined) continue;
      const same = ways.filter(
        (way) => waypointOf(this.cluster, way.service, trustDomain)?.name === waypoint.name,
      );
      const services = same.map(
        (way) => `${way.service.name} ${String(way.port.port)} ${String(way.target)}`,
      );
      return {
        waypoint,
        ways: same,
        key: [waypoint.namespace, waypoint.name, ...services].join(' '),
      };
    }
    return undefined;
  }

  private build({ id, point, own, http, behind }: Built): MeshTarget {
    const authorization = compileAuthorization(own.authorizations, point);
    const tokens = tokenRules(own.tokens, point);
    const policiesOf = (port: number): PortPolicies => ({
      authorization,
      tokens,
      mtls: effectiveMtls(own.mtls, point, port),
      port,
      isHttp: point.proxy === 'ztunnel' ? false : http.get(port),
    });
    const through = behind === undefined ? undefined : this.waypointPolicies(behind, http);
    const ports = remembered(policiesOf);
    return {
      id,
      proxy: point.proxy === 'ztunnel' ? 'ambient' : 'sidecar',
      authorization,
      cuts: cutsOf(authorization, own.mtls, http, through?.targets ?? []),
      ...(behind === undefined ? {} : { waypoint: behind.waypoint }),
      tests: [authorization, ...(through?.authorizations ?? [])].flatMap(testsOf),
      policiesAt: ports,
      waypointAt: (port) => through?.of(port) ?? [],
      direct: (port, caller) => allowedRequests(ports(port), caller),
      through: (port, caller) => {
        const at = through?.of(port) ?? [];
        if (behind === undefined || at.length === 0) return undefined;
        const waypoint = { identity: behind.waypoint.identity, addresses: [], ports: at };
        return allowedThroughWaypoint({ ztunnel: ports(port), waypoint }, caller);
      },
    };
  }

  private waypointPolicies({ waypoint, ways }: Behind, http: HttpPorts) {
    const { rootNamespace } = this.cluster.profile.mesh;
    const at = (service: string, namespace: string, port: number, target: number): PortPolicies => {
      const services = [{ namespace, name: service }];
      const point: EnforcementPoint = { proxy: 'waypoint', ...waypoint, services, rootNamespace };
      const near = [...new Set([waypoint.namespace, namespace, rootNamespace])].map(
        (one) => this.policies.get(one) ?? NO_POLICIES,
      );
      const authorization = compileAuthorization(
        near.flatMap(({ authorizations }) => authorizations),
        point,
      );
      const tokens = tokenRules(
        near.flatMap((one) => one.tokens),
        point,
      );
      return {
        authorization,
        tokens,
        mtls: effectiveMtls([], point, port),
        port,
        isHttp: http.get(target),
      };
    };
    const byTarget = new Map<number, PortPolicies[]>();
    for (const { service, port, target } of ways) {
      if (port.protocol !== Protocol.TCP) continue;
      const policies = at(service.name, service.namespace, port.port, target);
      remember(byTarget, target, (): PortPolicies[] => []).push(policies);
    }
    return {
      targets: [...byTarget.keys()],
      authorizations: [...byTarget.values()].flat().map(({ authorization }) => authorization),
      of: (port: number): readonly PortPolicies[] => byTarget.get(port) ?? [],
    };
  }
}

interface Behind {
  readonly waypoint: Waypoint;
  readonly ways: readonly Way[];
  readonly key: string;
}

interface Built {
  readonly id: number;
  readonly point: PodPoint;
  readonly own: Selected;
  readonly http: HttpPorts;
  readonly behind?: Behind;
}

interface Policies {
  readonly authorizations: readonly IstioFacts[];
  readonly mtls: readonly IstioFacts[];
  readonly tokens: readonly IstioFacts[];
}

interface Selected extends Policies {
  readonly key: string;
}

const NO_POLICIES: Policies = { authorizations: [], mtls: [], tokens: [] };

function byNamespace(cluster: Cluster): ReadonlyMap<string, Policies> {
  const found = new Map<
    string,
    { authorizations: IstioFacts[]; mtls: IstioFacts[]; tokens: IstioFacts[] }
  >();
  const of = (namespace: string) =>
    remember(found, namespace, () => ({ authorizations: [], mtls: [], tokens: [] }));
  for (const one of cluster.authorizationPolicies) of(one.namespace).authorizations.push(one);
  for (const one of cluster.peerAuthentications) of(one.namespace).mtls.push(one);
  for (const one of cluster.requestAuthentications) of(one.namespace).tokens.push(one);
  return found;
}

/** Those that speak to a proxy. */
function selecting(near: Policies, point: PodPoint): Selected {
  const authorizations = near.authorizations.filter((one) => appliesTo(one, point));
  const mtls = near.mtls.filter(({ spec }) => carriesLabels(point.labels, selectorOf(spec)));
  const tokens = near.tokens.filter((one) => appliesTo(one, point));
  const names = (list: readonly IstioFacts[]): string[] =>
    list.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
  // which PeerAuthentication counts depends on the namespace of the pods
  const home = mtls.length > 0 ? point.namespace : '';
  const key = JSON.stringify([names(authorizations), names(mtls), names(tokens), home]);
  return { authorizations, mtls, tokens, key };
}

function testsOf({ http, bytes }: CompiledPolicies): CallerTest[] {
  return [...http, ...bytes].flatMap(({ callers }) => callers.flat());
}

/** Where the answer may change: at the ends of every rule's ports, and around single ports. */
function cutsOf(
  { http, bytes }: CompiledPolicies,
  mtls: readonly IstioFacts[],
  httpOf: HttpPorts,
  behind: readonly number[],
): number[] {
  const cuts = new Set<number>([1]);
  const around = ([low, high]: PortRange): void => {
    cuts.add(low);
    if (high < 65535) cuts.add(high + 1);
  };
  for (const { ports } of [...http, ...bytes]) ports.forEach(around);
  for (const { spec } of mtls) {
    for (const port of Object.keys(objectOf(spec['portLevelMtls'])))
      around([Number(port), Number(port)]);
  }
  for (const port of [...httpOf.keys(), ...behind, ...NEVER_CAPTURED]) around([port, port]);
  return [...cuts].sort((a, b) => a - b);
}

/** Metrics and health of sidecars. */
const NEVER_CAPTURED = [15020, 15021, 15090];

function remembered(compute: (port: number) => PortPolicies): (port: number) => PortPolicies {
  const known = new Map<number, PortPolicies>();
  return (port) => remember(known, port, () => compute(port));
}
