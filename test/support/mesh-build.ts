/**
 * A mesh story told to the library: every statement becomes the construct that a user would write,
 * in a given order.
 */

import { App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  ClusterProfile,
  DefaultDeny,
  Environment,
  Http,
  Identity,
  Isolation,
  IsolationDirections,
  IstioMtls,
  JwtAuthentication,
  L7AccessRule,
  Mesh,
  MeshMembership,
  MlNamespace,
  ModuleEgress,
  ModuleIngress,
  Peer as LibraryPeer,
  PodGroup,
  Port,
  PortPurpose,
  Workload as LibraryWorkload,
} from '../../src';
import type { FlowOptions, IMlNamespace, IPeer, WorkloadService } from '../../src';
import type {
  Deny,
  Direction,
  Grant,
  HttpRule,
  MeshStory,
  Namespace,
  Peer,
  Ports,
  TokenRule,
  Tokens,
  Workload,
} from './mesh-story';
import { MONITORING, NODES, servedPorts, TRUST_DOMAIN } from './mesh-story';

/** Rearranges statements of equal rank; the identity is the order of the story. */
export type Order = <T>(items: readonly T[]) => readonly T[];

export interface BuiltStory {
  readonly app: App;
  readonly profile: ClusterProfile;
}

export function buildStory(
  story: MeshStory,
  { order = (items) => items, profileLast = false }: { order?: Order; profileLast?: boolean } = {},
): BuiltStory {
  const app = new App();
  const profile = profileOf(story);
  if (!profileLast) ClusterProfile.provide(app, profile);
  const chart = new Chart(app, 'chart', { disableResourceNameHashes: true });
  new Telling(chart, story, profile, order);
  if (profileLast) ClusterProfile.provide(app, profile);
  return { app, profile };
}

function profileOf({ mesh, monitoring }: MeshStory): ClusterProfile {
  return ClusterProfile.kubeadm({
    mesh: meshOf(mesh),
    nodeRanges: [NODES],
    podRanges: ['10.244.0.0/16'],
    serviceRanges: ['10.96.0.0/12'],
    gateway: PodGroup.istioIngressGateway(),
    monitoring: monitoring
      ? PodGroup.of({ name: 'prometheus', ...MONITORING, inMesh: false })
      : undefined,
  });
}

class Telling {
  private readonly namespaces = new Map<string, IMlNamespace>();
  private readonly workloads = new Map<string, LibraryWorkload>();

  constructor(
    private readonly scope: Construct,
    private readonly story: MeshStory,
    private readonly profile: ClusterProfile,
    order: Order,
  ) {
    for (const namespace of order(story.namespaces)) this.namespace(namespace);
    for (const workload of order(story.workloads)) this.workload(workload);
    const statements = [
      ...story.grants.map((grant, index) => () => this.grant(grant, `grant-${index}`)),
      ...story.denies.map((deny, index) => () => this.deny(deny, `deny-${index}`)),
      ...story.mtls.map(({ namespace, workload }, index) => () => {
        new IstioMtls(scope, `mtls-${index}`, {
          namespace: this.namespaceOf(namespace),
          workload: workload && this.workloadOf(workload),
        });
      }),
      ...story.tokens.map((tokens, index) => () => this.tokens(tokens, `tokens-${index}`)),
    ];
    for (const say of order(statements)) say();
  }

  private namespace({ name, kind, labels, mesh, isolated }: Namespace): void {
    if (kind === 'unseen') return;
    this.namespaces.set(name, this.declared({ name, kind, labels, mesh, isolated }));
  }

  private declared({ name, kind, labels, mesh, isolated }: Namespace): IMlNamespace {
    const id = `namespace-${name}`;
    const membership = membershipOf(mesh);
    if (kind === 'foreign') return MlNamespace.fromName(this.scope, id, name, { mesh: membership });
    if (kind === 'existing') {
      const isolation = isolationOf(isolated);
      const props = { name, labels: { ...labels }, mesh: membership, isolation };
      return MlNamespace.existing(this.scope, id, props);
    }
    const environment = this.story.withinNamespace ? Environment.TEST : undefined;
    const props = { name, labels: { ...labels }, mesh: membership, environment };
    return new MlNamespace(this.scope, id, props);
  }

  private workload(declared: Workload): void {
    const { namespace, name, labels, account, ports, mesh } = declared;
    const told = new LibraryWorkload(this.scope, `${namespace}-${name}`, {
      namespace: this.namespaceOf(namespace),
      name,
      labels: { ...labels },
      serviceAccount: account,
      ports: ports.map(({ port, kind, purpose }) =>
        Port[kind](port, {
          purpose: purpose === 'service' ? PortPurpose.SERVICE : PortPurpose.METRICS,
        }),
      ),
      services: this.story.mesh === 'ambient' ? servicesOf(declared) : [],
      mesh: membershipOf(mesh),
    });
    this.workloads.set(`${namespace}/${name}`, told);
  }

  private grant({ say, from, to, ports, http, waived }: Grant, id: string): void {
    const options: FlowOptions = {
      ports: ports && portsOf(ports),
      http: http?.map(httpOf),
      reason: id,
      ...(waived && { withoutMesh: 'l4' }),
    };
    const [caller, callee] = [this.peer(from), this.peer(to)];
    switch (say) {
      case 'allowFrom':
        return (callee as LibraryWorkload).allowFrom(caller, options);
      case 'allowTo':
        return (caller as LibraryWorkload).allowTo(callee, options);
      case 'ModuleIngress':
        return void new ModuleIngress(this.scope, id, { to: callee, from: [caller], ...options });
      case 'ModuleEgress':
        return void new ModuleEgress(this.scope, id, { from: caller, to: [callee], ...options });
      case 'L7AccessRule':
        return void new L7AccessRule(this.scope, id, { to: callee, from: [caller], ...options });
    }
  }

  private deny({ namespace, labels, workload, directions }: Deny, id: string): void {
    new DefaultDeny(this.scope, id, {
      namespace: this.namespaceOf(namespace),
      pods: labels && { ...labels },
      workload: workload && this.workloadOf(workload),
      directions: directionsOf(directions),
    });
  }

  private tokens(tokens: Tokens, id: string): void {
    const { workload, issuer, audiences, claims, withoutToken, waived } = tokens;
    new JwtAuthentication(this.scope, id, {
      workload: this.workloadOf(workload),
      issuer,
      audiences: [...audiences],
      claims: claimsOf(claims),
      jwksUri: `${issuer}/keys`,
      withoutToken: withoutToken.map(httpOf),
      ...(waived === true && { withoutMesh: 'l4', reason: 'a story' }),
    });
  }

  private peer(peer: Peer): IPeer {
    switch (peer.kind) {
      case 'workload':
        return this.workloadOf(peer.workload);
      case 'namespace':
        return this.namespaces.get(peer.namespace) ?? LibraryPeer.namespace(peer.namespace);
      case 'namespaces':
        return LibraryPeer.namespaces({ ...peer.labels });
      case 'pods':
        return LibraryPeer.pods({
          namespace: peer.namespace,
          labels: { ...peer.labels },
          serviceAccount: peer.account,
          mesh: membershipOf(peer.mesh),
        });
      case 'any':
        return LibraryPeer.any();
      case 'nodes':
        return LibraryPeer.nodes();
      case 'all-pods':
        return LibraryPeer.allPods();
      case 'gateway':
        return this.profile.gateway;
      case 'monitoring':
        return this.profile.monitoring;
      case 'cidr':
        return LibraryPeer.cidr(peer.cidr);
      case 'account':
        return Identity.serviceAccount(peer.namespace, peer.account);
      case 'authenticated':
        return Identity.namespace(peer.namespace);
      case 'principal':
        return Identity.principal(`${peer.trustDomain}/ns/${peer.namespace}/sa/${peer.account}`);
      case 'subject':
        return Identity.jwtSubject(peer.issuer, peer.subject);
    }
  }

  private namespaceOf(name: string): IMlNamespace {
    const namespace = this.namespaces.get(name);
    if (namespace === undefined) throw new Error(`no namespace ${name} in this story`);
    return namespace;
  }

  private workloadOf({ namespace, name }: Workload): LibraryWorkload {
    const workload = this.workloads.get(`${namespace}/${name}`);
    if (workload === undefined) throw new Error(`no workload ${name} in this story`);
    return workload;
  }
}

function meshOf(mesh: MeshStory['mesh']): Mesh {
  if (mesh === 'none') return Mesh.none();
  const options = { trustDomain: TRUST_DOMAIN };
  return mesh === 'ambient' ? Mesh.ambient(options) : Mesh.sidecar(options);
}

/** In ambient, requests are seen on their way through a Service. */
function servicesOf(workload: Workload): WorkloadService[] {
  const ports = servedPorts(workload);
  return ports.length === 0 ? [] : [{ name: workload.name, ports }];
}

function membershipOf(mesh: boolean | undefined): MeshMembership | undefined {
  if (mesh === undefined) return undefined;
  return mesh ? MeshMembership.IN : MeshMembership.OUT;
}

function isolationOf(directions: readonly Direction[]): Isolation {
  if (directions.length === 2) return Isolation.BOTH;
  const [only] = directions;
  if (only === undefined) return Isolation.NONE;
  return only === 'ingress' ? Isolation.INGRESS : Isolation.EGRESS;
}

function directionsOf(directions: readonly Direction[]): IsolationDirections {
  if (directions.length === 2) return IsolationDirections.BOTH;
  return directions[0] === 'ingress' ? IsolationDirections.INGRESS : IsolationDirections.EGRESS;
}

function portsOf(ports: Ports): Port[] {
  if (ports === 'all') return [Port.all()];
  return ports.map(({ protocol, port, endPort }) => {
    if (protocol === 'UDP') return Port.udp(port);
    return endPort === undefined ? Port.tcp(port) : Port.tcpRange(port, endPort);
  });
}

function httpOf({ methods, paths, hosts, jwt }: HttpRule): Http {
  return Http.of({
    methods: listOf(methods),
    paths: listOf(paths),
    hosts: listOf(hosts),
    jwt: jwt && tokenOf(jwt),
  });
}

/** Stories say "every" by an empty list, the library by none. */
function listOf(values: readonly string[]): string[] | undefined {
  return values.length === 0 ? undefined : [...values];
}

function tokenOf({ issuer, subjects, audiences, claims }: TokenRule) {
  return {
    issuer,
    subjects: listOf(subjects),
    audiences: listOf(audiences),
    claims: claimsOf(claims),
  };
}

function claimsOf(claims: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(claims).map(([name, values]) => [name, [...values]]));
}
