/**
 * Who takes the connections of clients for a route: the pods of a Gateway, an ingress controller's, or
 * somebody whom nobody shows. Known by the labels that routes ask for, else by the profile's gateways.
 */
import type { Labels, ServiceFacts } from '../../read/cluster';
import { labelsAt } from '../../read/json';
import { carriesLabels } from '../../values/selector';
import { podsBehind, serviceNamed, targetOf } from '../behind';
import { remember } from '../pods';
import type { World } from '../world';
import { CONTROLLER_LABELS } from './controllers';
import type { DeclaredRoute, FrontSpec } from './declared';
import type { Arriving } from './clients';
import { comingBy, isExposed } from './services';

export interface Front {
  /** `Gateway edge/public`, `ingress class nginx`; for people. */
  readonly name: string;
  /** Empty: nobody shows them. */
  readonly places: readonly number[];
  /** Whether they obey Istio's policies for gateways. */
  readonly isIstio: boolean;
}

/** Pods of one front that take the connections of a listener. */
export interface Listening extends Pick<Arriving, 'keepsClientAddress' | 'limits'> {
  /** Absent: not known. */
  readonly port?: number;
  /** Whether anything leads from outside to it; undefined: nobody shows what leads there. */
  readonly exposed?: boolean;
}

const byKey = new WeakMap<World, Map<string, Front>>();

/** Undefined: no front, the pods behind the Service answer themselves. */
export function frontOf(world: World, spec: FrontSpec): Front | undefined {
  if (spec.kind === 'nobody') return undefined;
  const fronts = byKey.get(world) ?? new Map<string, Front>();
  byKey.set(world, fronts);
  return remember(fronts, JSON.stringify(spec), () => {
    const isIstio = spec.kind === 'pods' && spec.isIstio;
    return { name: spec.name, isIstio, places: placesOf(world, spec) };
  });
}

function placesOf(world: World, spec: Exclude<FrontSpec, { kind: 'nobody' }>): readonly number[] {
  if (spec.kind === 'controller' && spec.labels?.length === 0) return [];
  if (spec.kind === 'pods' && spec.service !== undefined) {
    const service = serviceNamed(world, spec.service.namespace, spec.service.name);
    if (service !== undefined) return podsBehind(world, service);
  }
  const named = labelled(world, spec.labels ?? CONTROLLER_LABELS);
  if (spec.kind === 'controller' && spec.labels === undefined) {
    return distinct([...gatewaysOf(world), ...named]);
  }
  return named.length > 0 ? named : gatewaysOf(world);
}

/** Whether some Gateway of Istio's own kind selects the pods: they are its proxies then. */
export function isIstioGateway({ classes, cluster }: World, place: number): boolean {
  const labels = classes[place]?.pods.labels ?? {};
  return cluster.istioNetworking.some(({ kind, spec }) => {
    if (kind !== 'Gateway') return false;
    const selector = labelsAt(spec, 'selector');
    return Object.keys(selector).length > 0 && carriesLabels(labels, selector);
  });
}

function gatewaysOf(world: World): readonly number[] {
  const { gateways } = world.cluster.profile;
  return distinct(gateways.flatMap((group) => world.group(group).map(({ index }) => index)));
}

function labelled(world: World, lists: readonly Labels[]): readonly number[] {
  return distinct(
    world.classes.flatMap(({ index, pods }) =>
      lists.some((labels) => carriesLabels(pods.labels, labels)) ? [index] : [],
    ),
  );
}

/** Where pods of a front take what clients send to a route's port. */
export function listeningOf(
  world: World,
  front: Front,
  place: number,
  route: DeclaredRoute,
): Listening {
  const { port, protocol } = route;
  const services = leadingTo(world, place);
  const exposed = services.filter(isExposed);
  const through = (exposed.length > 0 ? exposed : services).flatMap((service) =>
    service.ports
      .filter((one) => one.port === port && one.protocol === protocol)
      .map((one) => ({ service, one })),
  );
  const pods = world.classes[place]?.pods;
  // the host's network is open beside any Service
  const { limits, keepsClientAddress } = comingBy(exposed);
  const isLimited = limits !== undefined && pods?.hostNetwork !== true;
  const [first] = through;
  const own = first && pods ? targetOf(first.one, pods) : ownPort(world, front, place, route);
  const found = pods?.hostNetwork === true ? true : exposedBy(services, exposed);
  return {
    ...(own !== undefined && { port: own }),
    ...(found !== undefined && { exposed: found }),
    keepsClientAddress,
    ...(isLimited && { limits }),
  };
}

function exposedBy(
  services: readonly ServiceFacts[],
  exposed: readonly ServiceFacts[],
): boolean | undefined {
  return services.length === 0 ? undefined : exposed.length > 0;
}

/** Without a Service: Istio listens on the very port; others name theirs. */
function ownPort(
  world: World,
  { isIstio }: Front,
  place: number,
  { port, protocol }: Pick<DeclaredRoute, 'port' | 'protocol'>,
): number | undefined {
  if (isIstio) return port;
  const ports = world.classes[place]?.pods.ports.filter((one) => one.protocol === protocol) ?? [];
  const same = ports.find((one) => one.port === port);
  return (same ?? ports.find(({ name }) => NAMES[String(port)]?.includes(name ?? '')))?.port;
}

/** How charts of controllers call their ports. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  '80': ['http', 'web', 'http2', 'proxy'],
  '443': ['https', 'websecure', 'proxy-tls'],
};

function leadingTo(world: World, place: number): readonly ServiceFacts[] {
  const own = world.classes[place];
  if (own === undefined) return [];
  const { workload, pods } = own;
  return servicesIn(world, workload.namespace).filter(({ selector, workload: declared }) =>
    declared === undefined
      ? selector !== undefined && carriesLabels(pods.labels, selector)
      : declared === workload.id,
  );
}

const byNamespace = new WeakMap<World, ReadonlyMap<string, readonly ServiceFacts[]>>();

function servicesIn(world: World, namespace: string): readonly ServiceFacts[] {
  let found = byNamespace.get(world);
  if (found === undefined) {
    const lists = new Map<string, ServiceFacts[]>();
    for (const one of world.cluster.services) {
      remember(lists, one.namespace, (): ServiceFacts[] => []).push(one);
    }
    byNamespace.set(world, (found = lists));
  }
  return found.get(namespace) ?? [];
}

function distinct(places: readonly number[]): readonly number[] {
  return [...new Set(places)].sort((a, b) => a - b);
}
