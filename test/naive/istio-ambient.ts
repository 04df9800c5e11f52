/**
 * Does an ambient mesh let this request through? Two ways lead to a pod: directly, where ztunnel
 * decides by identity and port, and through the waypoint of its namespace, where the waypoint
 * decides by request and ztunnel sees the waypoint as caller. A client may take either, so the answer
 * is "one of them lets it through", NetworkPolicy included. Ids are rows of ../shared/knowledge/istio.md.
 *
 * - In the mesh NetworkPolicy sees TCP 15008 (9.1); callers and pods outside it keep the inner port.
 * - Selector policies belong to ztunnel, targetRefs to the waypoint, and never the other way (1.2).
 * - ztunnel knows no CUSTOM, AUDIT and tokens (ZT-01), reads rules in its own way (ZT-03 to ZT-06) and
 *   takes certificates whatever PeerAuthentication says (PA-06).
 * - A waypoint serves a namespace that is labelled `istio.io/use-waypoint` and has that Gateway.
 */
import { meshAllows } from './istio';
import type {
  AuthorizationSpec,
  Fields,
  MeshPod,
  MeshRequest,
  MeshRule,
  MeshWorld,
  PeerAuthenticationSpec,
  Policy,
} from './istio-world';
import type { Manifest } from './load-yaml';
import { allowed } from './network-policy';
import type { World } from './world';

export interface AmbientWorld {
  readonly network: World;
  readonly mesh: MeshWorld;
  /** Gateways of class istio-waypoint among the manifests. */
  readonly manifests: readonly Manifest[];
  /** Services: namespace, name, and the pod port behind each Service port. */
  readonly services: readonly Service[];
}

export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly pod: string;
  readonly ports: readonly { readonly port: number; readonly targetPort: number }[];
}

const HBONE = 15008;

/** Whether the request arrives by one way or the other. */
export function ambientAllows(world: AmbientWorld, request: MeshRequest): boolean {
  return arrivesDirectly(world, request) || arrivesThroughWaypoint(world, request);
}

function arrivesDirectly(world: AmbientWorld, request: MeshRequest): boolean {
  const { from, to, port, protocol = 'TCP' } = request;
  const inside = protocol === 'TCP' && to.inMesh && isCaptured(request);
  const seen = inside ? HBONE : port;
  if (!allowed(world.network, from, to, protocol, seen)) return false;
  return meshAllows(atZtunnel(world.mesh), { ...request, to: { ...to, httpPorts: [] } });
}

function arrivesThroughWaypoint(world: AmbientWorld, request: MeshRequest): boolean {
  const { from, to, port, protocol = 'TCP' } = request;
  if (protocol !== 'TCP' || !to.inMesh || !isCaptured(request)) return false;
  const waypoint = waypointOf(world, to.namespace);
  const services = world.services.filter(
    (one) => one.namespace === to.namespace && one.pod === to.name,
  );
  const ways = services.flatMap(({ name, ports }) =>
    ports.filter(({ targetPort }) => targetPort === port).map((one) => ({ name, port: one.port })),
  );
  if (waypoint === undefined) return false;
  const { network } = world;
  if (!allowed(network, from, waypoint, 'TCP', HBONE)) return false;
  if (!allowed(network, waypoint, to, 'TCP', HBONE)) return false;
  const last = { from: waypoint, to: { ...to, httpPorts: [] }, port };
  if (!meshAllows(atZtunnel(world.mesh), last)) return false;
  return ways.some(({ name, port: servicePort }) =>
    meshAllows(atWaypoint(world.mesh, to.namespace, name), {
      ...request,
      to: { ...to, httpPorts: to.httpPorts.includes(port) ? [servicePort] : [] },
      port: servicePort,
    }),
  );
}

/** Its pods run as its name; Istio labels them after it. */
function waypointOf({ network, manifests }: AmbientWorld, namespace: string): MeshPod | undefined {
  const name = network.namespaces[namespace]?.labels?.['istio.io/use-waypoint'];
  const exists = manifests.some(
    ({ kind, metadata }) =>
      kind === 'Gateway' && metadata.namespace === namespace && metadata.name === name,
  );
  if (name === undefined || !exists) return undefined;
  const labels = { 'gateway.networking.k8s.io/gateway-name': name };
  return { namespace, name, labels, serviceAccount: name, inMesh: true, httpPorts: [] };
}

function atZtunnel(mesh: MeshWorld): MeshWorld {
  const here = <Spec>({ spec }: Policy<Spec>): boolean => spec?.targetRefs === undefined;
  const actions = ['ALLOW', 'DENY'];
  return {
    ...mesh,
    capturesAll: true,
    authorizations: mesh.authorizations
      .filter((one) => here(one) && actions.includes(one.spec?.action ?? 'ALLOW'))
      .map((one) => ({ ...one, spec: readAtZtunnel(one.spec ?? {}) })),
    peerAuthentications: mesh.peerAuthentications.map((one) => ({
      ...one,
      spec: withoutDisable(one.spec ?? {}),
    })),
    requestAuthentications: [],
  };
}

const L4_FIELDS = ['ipblocks', 'namespaces', 'principals', 'serviceaccounts', 'ports'];
const L4_KEYS = ['source.ip', 'source.namespace', 'source.principal', 'destination.port'];

/** ZT-03 to ZT-06: rules that never match are left out, and so is what the others lose. */
function readAtZtunnel(spec: AuthorizationSpec): AuthorizationSpec {
  const isAllow = (spec.action ?? 'ALLOW') === 'ALLOW';
  const rules = (spec.rules ?? []).flatMap((rule): MeshRule[] => {
    const from = (rule.from ?? []).map(({ source }) => source);
    const to = (rule.to ?? []).map(({ operation }) => operation);
    const used = [...from, ...to].flatMap((all) => Object.keys(all).map(positive));
    const ownKeys = (rule.when ?? []).every(({ key }) => L4_KEYS.includes(key)); // ZT-03
    const own = used.every((field) => [...L4_FIELDS, 'trustdomains'].includes(field)) && ownKeys;
    if (isAllow && !own) return []; // ZT-04
    // ZT-05, ZT-06: what is not known goes, and what is left empty matches nothing
    const [sources, operations] = [from.flatMap(left), to.flatMap(left)];
    const empty = [sources.length < from.length && sources.length === 0];
    empty.push(operations.length < to.length && operations.length === 0);
    if (!ownKeys || empty.includes(true)) return [];
    const read = sources.map((source) => ({ source }));
    return [{ ...rule, from: read, to: operations.map((operation) => ({ operation })) }];
  });
  return { ...spec, rules };
}

const positive = (field: string): string => field.replace(/^not/, '').toLowerCase();

/** The fields that ztunnel knows; none, where there is none. */
function left(fields: Fields): Fields[] {
  const known = Object.entries(fields).filter(([field]) => L4_FIELDS.includes(positive(field)));
  return known.length === 0 ? [] : [Object.fromEntries(known)];
}

/** PA-06: ztunnel always takes certificates. */
function withoutDisable(spec: PeerAuthenticationSpec): PeerAuthenticationSpec {
  return JSON.parse(
    JSON.stringify(spec).replaceAll('"mode":"DISABLE"', '"mode":"PERMISSIVE"'),
  ) as PeerAuthenticationSpec;
}

/** What targets the Service, or the waypoint as a whole, read as if it selected the pod. */
function atWaypoint(mesh: MeshWorld, namespace: string, service: string): MeshWorld {
  const targets = ({ metadata, spec }: Policy<unknown>): boolean =>
    metadata.namespace === namespace &&
    ((spec?.targetRefs ?? []) as { kind: string; name: string }[]).some(
      ({ kind, name }) => kind === 'Gateway' || (kind === 'Service' && name === service),
    );
  const read = <Spec>(policies: readonly Policy<Spec>[]): Policy<Spec>[] =>
    policies.filter(targets).map((one) => {
      const spec = { ...one.spec, targetRefs: undefined };
      return { ...one, spec: spec as Policy<Spec>['spec'] };
    });
  return {
    ...mesh,
    capturesAll: true,
    // the client's identity is the HBONE connection's, which ztunnel vouches for
    peerAuthentications: [],
    authorizations: read(mesh.authorizations),
    requestAuthentications: read(mesh.requestAuthentications),
  };
}

/** Whether the caller's node takes the connection into the mesh. */
function isCaptured({ from, plaintext }: MeshRequest): boolean {
  return 'namespace' in from && from.inMesh && plaintext !== true;
}
