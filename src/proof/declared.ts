/**
 * What was declared between two classes of pods, in one direction, as two bounds: what must be
 * possible, and what may be. Between them lies what a declaration leaves to others, such as a pod
 * that carries a caller's labels and proves nothing.
 */
import type { ConnectionPool, ConnectionsId } from '../engine/connections';
import { EVERY, NONE } from '../engine/connections';
import { ALL_REQUESTS, NO_REQUESTS, requestsOf, unionRequests } from '../engine/http/requests';
import type { RequestSet } from '../engine/http/requests';
import type { Proxy } from '../engine/mesh/participation';
import type { PodClass } from '../engine/pods';
import { STRANGER } from '../engine/strangers';
import type { RenderContext } from '../render/context';
import { portsOf } from '../render/flow-ports';
import { hiddenPortWaivers } from '../render/istio/hidden-ports';
import { isStrict, isStrictNamespace } from '../render/istio/mutual-tls';
import { participationsOf, workloadInMesh } from '../render/istio/participation';
import { portsBehindWaypoint, servicePorts } from '../render/istio/waypoints';
import { guardedPorts, tokensOf } from '../render/istio/tokens';
import type { Direction, FlowData, WorkloadData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import { endOf, flowsTouching, otherEndOf, workloadsIn } from '../traffic/model';
import type { HttpData, JwtData } from '../values/http';
import type { PeerData } from '../values/peer';
import type { PortData } from '../values/port';
import { Protocol } from '../values/port';
import type { PortRange } from '../values/port-ranges';
import { countPorts, holdsPort, numbersOf, rangesOf } from '../values/port-ranges';
import { isForcedOpen } from './addresses-meant';
import type { Meaning, Meant } from './meaning';
import { isOf } from './meaning';
import { admitsPlain, mayProve } from './proved-callers';

/** Connections, and what may be in those that are TCP. */
export interface Stated {
  readonly flow: FlowData;
  readonly connections: ConnectionsId;
  /** On TCP ports where a proxy sees requests. */
  readonly requests: RequestSet;
  readonly meant: Exclude<Meant, 'no'>;
}

/** Whose policy it is, and whom it names. */
export interface Ends {
  readonly own: PodClass;
  readonly peer: PodClass;
}

const OWN_END = { ingress: 'to', egress: 'from' } as const;
const OTHER_END = { ingress: 'from', egress: 'to' } as const;

interface Tokens {
  readonly ports: readonly number[];
  readonly requests: RequestSet;
}

export class Declared {
  private readonly ports = new Map<FlowData, ConnectionsId | undefined>();
  private readonly asked = new Map<WorkloadData, Tokens>();

  constructor(
    private readonly context: RenderContext,
    private readonly pool: ConnectionPool,
    private readonly meaning: Meaning,
    private readonly proxyOf: (pods: PodClass) => Proxy,
  ) {}

  /** Flows at whose end of that direction these pods stand. */
  flowsAt(own: PodClass, direction: Direction): FlowData[] {
    return flowsTouching(this.context.model, own.workload.namespace, direction).filter(
      (flow) => this.meaning.of(flow, OWN_END[direction], own) !== 'no',
    );
  }

  /** Whether a flow certainly means these pods at its end of that direction. */
  isAt(own: PodClass, flow: FlowData, direction: Direction): boolean {
    return this.meaning.of(flow, OWN_END[direction], own) === 'yes';
  }

  /** What some flows state of a peer. */
  stated(flows: readonly FlowData[], direction: Direction, { own, peer }: Ends): Stated[] {
    return flows.flatMap((flow): Stated[] => {
      const meant = this.meant(flow, direction, { own, peer });
      if (meant === 'no') return [];
      const known = this.connectionsOf(flow);
      const requests = this.requestsOf(flow, direction);
      // ports by names that only the pods know
      if (known === undefined) return [{ flow, connections: EVERY, requests, meant: 'maybe' }];
      return [{ flow, connections: known, requests, meant }];
    });
  }

  /** Requests that bring a token where one is asked for, by port; undefined: none is asked for there. */
  tokensAt(own: PodClass, port: number): RequestSet | undefined {
    const workload = this.workloadOf(own);
    if (workload === undefined) return undefined;
    const asked = this.tokens(workload);
    return asked.ports.includes(port) ? asked.requests : undefined;
  }

  /** Ports on which requests need a token, and a proxy reads them. */
  guardedPorts(own: PodClass): { readonly port: number; readonly requests: RequestSet }[] {
    const workload = this.workloadOf(own);
    if (workload === undefined || workloadInMesh(this.context, workload) !== true) return [];
    const { ports, requests } = this.tokens(workload);
    return ports
      .filter((port) => this.readsRequests(own, port))
      .map((port) => ({ port, requests }));
  }

  /** Whether a proxy reads requests there: in ambient the waypoint alone, of what Services lead to. */
  readsRequests(own: PodClass, port: number): boolean {
    if (this.context.profile.mesh.mode !== 'ambient') return true;
    const workload = this.workloadOf(own);
    return workload !== undefined && portsBehindWaypoint(this.context, workload).includes(port);
  }

  /** Whether pods may have a proxy, which needs plumbing: as declared, else as it was read. */
  mayHaveProxy(own: PodClass): boolean {
    const workload = this.workloadOf(own);
    if (workload !== undefined) return workloadInMesh(this.context, workload) !== false;
    return this.proxyOf(own) !== 'none';
  }

  private workloadOf(own: PodClass): WorkloadData | undefined {
    return workloadsIn(this.context.model, own.workload.namespace).find((one) => isOf(one, own));
  }

  private tokens(workload: WorkloadData): Tokens {
    const known = this.asked.get(workload);
    if (known !== undefined) return known;
    const declarations = tokensOf(this.context, workload);
    const ports = guardedPorts(this.context, workload);
    const services = servicePorts(workload);
    const written = [...ports, ...ports.flatMap((port) => services.get(port) ?? [])];
    const sets = declarations.flatMap(({ issuer, claims, withoutToken }) => [
      requestsOf({
        conditions: [
          condition('request.auth.principal', [`${issuer}/*`]),
          ...claims.map(([claim, values]) => condition(`request.auth.claims[${claim}]`, values)),
        ],
      }),
      ...withoutToken.map((one) => requestsOf(limitsOf(one, written))),
    ]);
    const asked = { ports, requests: unionRequests(...sets) };
    this.asked.set(workload, asked);
    return asked;
  }

  private meant(flow: FlowData, direction: Direction, { own, peer }: Ends): Meant {
    const meant = this.meaning.of(flow, OTHER_END[direction], peer);
    // where its kind was said to be in the mesh, or not, a pod that is otherwise was not meant
    const asSaid =
      this.isAt(own, flow, direction) &&
      this.takesPart(otherEndOf(flow, direction), peer) &&
      this.takesPart(endOf(flow, direction), own);
    if (meant === 'yes' && !asSaid) return 'maybe';
    // a widening that the profile forced opens the ports for others too
    return meant === 'no' && isForcedOpen(this.context, flow, direction) ? 'maybe' : meant;
  }

  /** Ports that callers may write after a host: the pod's, and those of Services before it. */
  private portsAfterHosts(flow: FlowData): readonly number[] {
    const { to } = flow;
    const connections = this.connectionsOf(flow);
    const ranges = connections === undefined ? [] : this.pool.rangesOf(connections, Protocol.TCP);
    const own = countPorts(ranges) > MOST_HOST_PORTS ? [] : numbersOf(ranges);
    if (to.kind !== 'workload') return own;
    const workload = this.context.model.workloads.get(workloadKey(to.namespace, to.name));
    const served = workload === undefined ? [] : [...servicePorts(workload)];
    const before = served.flatMap(([port, ports]) => (holdsPort(ranges, port) ? ports : []));
    return [...new Set([...own, ...before])];
  }

  /** Ports on which a proxy lets these callers in; undefined: no policy of ours is at one. */
  admitted(flows: readonly FlowData[], { own, peer }: Ends): ConnectionsId | undefined {
    const [proxy, ofPeer] = [this.proxyOf(own), this.proxyOf(peer)];
    if (ofPeer === 'unknown' || proxy === 'unknown' || !this.isHeld(own)) return undefined;
    return flows
      .filter((flow) => mayProve(this.context, flow, { own, peer }, ofPeer !== 'none'))
      .reduce((sum, flow) => this.pool.union(sum, this.writtenConnections(flow)), NONE);
  }

  /** Whether a policy of ours stands at the proxy of these pods. */
  private isHeld(own: PodClass): boolean {
    const { namespace, kind } = own.workload;
    const { rootNamespace } = this.context.profile.mesh;
    if (kind === STRANGER || namespace === rootNamespace) return false;
    const workload = this.workloadOf(own);
    return workload !== undefined && workloadInMesh(this.context, workload) === true;
  }

  /** Where ports are too many to be listed one by one, a rule is about all of them. */
  private writtenConnections(flow: FlowData): ConnectionsId {
    const known = this.connectionsOf(flow) ?? EVERY;
    return countPorts(this.pool.rangesOf(known, Protocol.TCP)) > MOST_HOST_PORTS ? EVERY : known;
  }

  /** Whether a waiver says that nobody holds the ports of its callers. */
  leavesPorts(flow: FlowData): boolean {
    return hiddenPortWaivers(this.context, flow).length > 0;
  }

  /** Whether the proxy of these pods lets callers in who prove nothing, as a flow has it. */
  admitsPlain(flow: FlowData, own: PodClass): boolean {
    const { context } = this;
    const workload = this.workloadOf(own);
    const strict =
      workload === undefined
        ? isStrictNamespace(context, own.workload.namespace)
        : isStrict(context, workload);
    return admitsPlain(this.context, flow, strict);
  }

  /** Whether the proxy of these pods has to let callers of a flow in who prove nothing. */
  isAsked(flow: FlowData, own: PodClass): boolean {
    // what the platform itself needs goes around proxies
    return flow.origin !== 'mesh' && flow.origin !== 'implied' && this.admitsPlain(flow, own);
  }

  /** Whether an end of the flow is outside the mesh, or may be: the network sees its own ports. */
  isPlain({ from, to }: FlowData): boolean {
    return [from, to].some((end) =>
      [...participationsOf(this.context, end)].some((takesPart) => takesPart !== true),
    );
  }

  private takesPart(end: PeerData, pods: PodClass): boolean {
    const proxy = this.proxyOf(pods);
    if (this.context.profile.mesh.mode !== 'ambient') return true;
    const said = participationsOf(this.context, end);
    return proxy === 'unknown' || said.has(proxy !== 'none');
  }

  /** Undefined: some port is known by name only. */
  connectionsOf(flow: FlowData): ConnectionsId | undefined {
    if (this.ports.has(flow)) return this.ports.get(flow);
    const { ports } = portsOf(this.context, flow);
    const named = ports.some(({ port, name }) => port === undefined && name !== undefined);
    const connections = named ? undefined : this.connections(ports);
    this.ports.set(flow, connections);
    return connections;
  }

  connections(ports: readonly PortData[]): ConnectionsId {
    return [Protocol.TCP, Protocol.UDP, Protocol.SCTP].reduce<ConnectionsId>((sum, protocol) => {
      const ranges: readonly PortRange[] = rangesOf(ports, protocol);
      return this.pool.union(sum, this.pool.idOfPorts(protocol, ranges));
    }, NONE);
  }

  /** Requests that a flow means, where somebody sees them. */
  requestsOf(flow: FlowData, direction: Direction): RequestSet {
    const { http, from } = flow;
    if (direction === 'egress') return ALL_REQUESTS;
    const token =
      from.kind === 'identity' && from.identity.kind === 'jwt' ? from.identity : undefined;
    const subject =
      token === undefined
        ? []
        : conditionsOf({
            issuer: token.issuer,
            subjects: [token.subject],
            audiences: [],
            claims: [],
          });
    if (http.length === 0) return requestsOf({ conditions: subject });
    const met = http.flatMap((one) => {
      // a caller known by token has that token: a rule may ask for another one, and never matches
      const jwt = token === undefined ? one.jwt : commonToken(one.jwt, token);
      return jwt === 'none' ? [] : [{ ...one, jwt }];
    });
    return met.reduce<RequestSet>(
      (sum, one) =>
        unionRequests(
          sum,
          requestsOf({
            ...limitsOf(one, this.portsAfterHosts(flow)),
            conditions: [...subject, ...conditionsOf(one.jwt)],
          }),
        ),
      NO_REQUESTS,
    );
  }
}

/** Behind a wildcard, ports are listed one by one as long as a rule can list them. */
const MOST_HOST_PORTS = 256;

function limitsOf({ methods, paths, hosts }: HttpData, ports: readonly number[]) {
  return {
    ...(methods.length > 0 && { methods }),
    ...(paths.length > 0 && { paths }),
    // callers may write the port after the host; a pattern has one asterisk only
    ...(hosts.length > 0 && {
      hosts: hosts.flatMap((host) =>
        host.startsWith('*')
          ? [host, ...ports.map((port) => `${host}:${String(port)}`)]
          : [host, `${host}:*`],
      ),
    }),
  };
}

function commonToken(
  jwt: JwtData | undefined,
  { issuer, subject }: { readonly issuer: string; readonly subject: string },
): JwtData | undefined | 'none' {
  if (jwt === undefined) return undefined;
  const fits = jwt.subjects.length === 0 || jwt.subjects.includes(subject);
  return jwt.issuer === issuer && fits ? { ...jwt, subjects: [subject] } : 'none';
}

function conditionsOf(jwt: JwtData | undefined) {
  if (jwt === undefined) return [];
  const { issuer, subjects, audiences, claims } = jwt;
  const split = subjects.some((subject) => subject.includes('/'));
  const principals =
    subjects.length === 0 || split
      ? [`${issuer}/*`]
      : subjects.map((subject) => `${issuer}/${subject}`);
  return [
    condition('request.auth.principal', principals),
    ...(audiences.length > 0 ? [condition('request.auth.audiences', audiences)] : []),
    ...(split ? [condition('request.auth.claims[sub]', subjects)] : []),
    ...claims.map(([claim, values]) => condition(`request.auth.claims[${claim}]`, values)),
  ];
}

function condition(key: string, values: readonly string[]) {
  return { key, values, notValues: [] };
}
