/**
 * What was declared between two classes of pods, in one direction, as two bounds: what must be
 * possible, and what may be. Between them lies what a declaration leaves to others, such as a pod
 * that carries a caller's labels and proves nothing.
 */
import type { ConnectionPool, ConnectionsId } from '../engine/connections';
import { EVERY, NONE } from '../engine/connections';
import { ALL_REQUESTS, NO_REQUESTS, requestsOf, unionRequests } from '../engine/http/requests';
import type { RequestSet } from '../engine/http/requests';
import type { PodClass } from '../engine/pods';
import type { RenderContext } from '../render/context';
import { grantsOf } from '../render/grants';
import { portsOf } from '../render/flow-ports';
import type { Direction, FlowData } from '../traffic/data';
import { endOf, flowsTouching, otherEndOf } from '../traffic/model';
import type { HttpData, JwtData } from '../values/http';
import type { PortData } from '../values/port';
import { Protocol } from '../values/port';
import type { PortRange } from '../values/port-ranges';
import { rangesOf } from '../values/port-ranges';
import type { Meaning, Meant } from './meaning';

/** Connections, and what may be in those that are TCP. */
export interface Stated {
  readonly flow: FlowData;
  readonly connections: ConnectionsId;
  /** On TCP ports where a proxy sees requests. */
  readonly requests: RequestSet;
  readonly meant: Exclude<Meant, 'no'>;
}

export class Declared {
  private readonly ports = new Map<FlowData, ConnectionsId | undefined>();
  private readonly waived = new Map<FlowData, boolean>();

  constructor(
    private readonly context: RenderContext,
    private readonly pool: ConnectionPool,
    private readonly meaning: Meaning,
  ) {}

  /** Flows at whose end of that direction these pods stand. */
  flowsAt(own: PodClass, direction: Direction): FlowData[] {
    return flowsTouching(this.context.model, own.workload.namespace, direction).filter(
      (flow) => this.meaning.of(endOf(flow, direction), own) !== 'no',
    );
  }

  /** What some flows state of a peer. */
  stated(flows: readonly FlowData[], direction: Direction, peer: PodClass): Stated[] {
    return flows.flatMap((flow): Stated[] => {
      const meant = this.meant(flow, direction, peer);
      if (meant === 'no') return [];
      const known = this.connectionsOf(flow);
      const requests = this.requestsOf(flow, direction);
      // ports by names that only the pods know
      if (known === undefined) return [{ flow, connections: EVERY, requests, meant: 'maybe' }];
      return [{ flow, connections: known, requests, meant }];
    });
  }

  private meant(flow: FlowData, direction: Direction, peer: PodClass): Meant {
    const meant = this.meaning.of(otherEndOf(flow, direction), peer);
    // a widening that the profile forced opens the ports for others too
    return meant === 'no' && this.isWaived(flow, direction) ? 'maybe' : meant;
  }

  isWaived(flow: FlowData, direction: Direction): boolean {
    const known = this.waived.get(flow);
    if (known !== undefined) return known;
    const waived = grantsOf(this.context, flow, { direction }).waivers.length > 0;
    this.waived.set(flow, waived);
    return waived;
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

  private connections(ports: readonly PortData[]): ConnectionsId {
    return [Protocol.TCP, Protocol.UDP, Protocol.SCTP].reduce<ConnectionsId>((sum, protocol) => {
      const ranges: readonly PortRange[] = rangesOf(ports, protocol);
      return this.pool.union(sum, this.pool.idOfPorts(protocol, ranges));
    }, NONE);
  }

  private requestsOf({ http, from }: FlowData, direction: Direction): RequestSet {
    if (direction === 'egress') return ALL_REQUESTS;
    const token =
      from.kind === 'identity' && from.identity.kind === 'jwt' ? from.identity : undefined;
    const subject =
      token === undefined
        ? []
        : [
            {
              key: 'request.auth.principal',
              values: [`${token.issuer}/${token.subject}`],
              notValues: [],
            },
          ];
    if (http.length === 0) return requestsOf({ conditions: subject });
    return http.reduce<RequestSet>(
      (sum, one) =>
        unionRequests(
          sum,
          requestsOf({ ...limitsOf(one), conditions: [...subject, ...conditionsOf(one.jwt)] }),
        ),
      NO_REQUESTS,
    );
  }
}

function limitsOf({ methods, paths, hosts }: HttpData) {
  return {
    ...(methods.length > 0 && { methods }),
    ...(paths.length > 0 && { paths }),
    // callers may write the port after the host
    ...(hosts.length > 0 && { hosts: hosts.flatMap((host) => [host, `${host}:*`]) }),
  };
}

function conditionsOf(jwt: JwtData | undefined) {
  if (jwt === undefined) return [];
  const { issuer, subjects, audiences, claims } = jwt;
  const split = subjects.some((subject) => subject.includes('/'));
  const principals =
    subjects.length === 0 || split
      ? [`${issuer}/*`]
      : subjects.map((subject) => `${issuer}/${subject}`);
  const condition = (key: string, values: readonly string[]) => ({ key, values, notValues: [] });
  return [
    condition('request.auth.principal', principals),
    ...(audiences.length > 0 ? [condition('request.auth.audiences', audiences)] : []),
    ...(split ? [condition('request.auth.claims[sub]', subjects)] : []),
    ...claims.map(([claim, values]) => condition(`request.auth.claims[${claim}]`, values)),
  ];
}
