/**
 * What is to be tried in the cluster itself: every flow between workloads that a Service leads to, and
 * some pairs that must not get through. What cannot be tried is named, with why.
 */
import type { ContainerPort, PodFacts, ServiceFacts, ServicePort } from '../read/cluster';
import { ask } from '../engine/ask';
import { targetsBehind } from '../engine/behind';
import type { QuestionEnd, ServiceEnd } from '../engine/question';
import { protocolOf } from '../engine/question';
import { connectionsOf } from '../engine/reach-result';
import type { AllowedPorts, HttpAnswer, ResultConnection } from '../engine/result';
import type { World } from '../engine/world';
import { STRANGER } from '../engine/strangers';
import { Protocol } from '../values/port';
import type { Request } from './requests';
import { kindOf, requestsIn, simplestOf } from './requests';
import type { ProbeKind } from './requests';

/** One attempt to exchange data: the question that it asks of the cluster, and how. */
export interface Probe {
  /** `namespace/Kind/name` */
  readonly from: string;
  /** `namespace/Service/name`; a workload, where no Service leads to its port. */
  readonly to: string;
  readonly protocol: 'TCP' | 'UDP';
  /** Of the Service, or the workload's own. */
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly kind: ProbeKind;
  /** What the policies say. */
  readonly expected: 'ALLOWED' | 'DENIED';
  /** A proxy of the mesh stands at one of the ends: a connection alone tells nothing. */
  readonly proxied: boolean;
}

export interface Untried {
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

export interface ProbePlan {
  /** By source. */
  readonly probes: readonly Probe[];
  readonly untried: readonly Untried[];
}

/** A port of a Service with pods behind it, or a port of pods that no Service leads to. */
interface Target {
  readonly id: string;
  readonly end: QuestionEnd | ServiceEnd;
  readonly port: Pick<ServicePort, 'protocol' | 'port'>;
  readonly kind: ProbeKind | undefined;
  /** Workloads behind, with their own ports. */
  readonly behind: readonly { readonly workload: string; readonly port?: number }[];
  readonly proxied: boolean;
}

interface Source {
  readonly id: string;
  readonly proxied: boolean;
  /** Why no pod can stand in for it. */
  readonly why?: string;
}

/**
 * @param forbidden How many pairs that are denied are tried; they are spread over all, the same ones
 *   each time.
 */
export function probesOf(world: World, forbidden: number): ProbePlan {
  const [sources, targets] = [sourcesOf(world), targetsOf(world)];
  const declared = declaredOf(world, sources, targets);
  const denied = deniedOf(world, [...sources.values()], targets, forbidden);
  return {
    probes: [...declared.probes, ...denied].sort((a, b) => compare(keyOf(a), keyOf(b))),
    untried: declared.untried,
  };
}

/** Equal for equal attempts. */
export function keyOf(probe: Omit<Probe, 'kind' | 'expected' | 'proxied'>): string {
  const { from, to, protocol, port, method = '', path = '', host = '' } = probe;
  return JSON.stringify([from, to, protocol, port, method, path, host]);
}

function declaredOf(
  world: World,
  sources: ReadonlyMap<string, Source>,
  targets: readonly Target[],
): ProbePlan {
  const probes = new Map<string, Probe>();
  const untried = new Map<string, Untried>();
  const portless = withoutPorts(world, targets);
  for (const connection of connectionsOf(world, {})) {
    const source = sources.get(connection.from);
    if (source === undefined || connection.from === connection.to) continue;
    const leading = targets.flatMap((target) => {
      if (target.port.protocol !== protocolOf(connection) || isBehind(source, target)) return [];
      return allowedAt(connection, target).map((allowed) => ({ target, allowed }));
    });
    const { from, to, allow } = connection;
    if (leading.length === 0 && allow.length > 0 && portless.has(to)) {
      untried.set(`${from} ${to}`, { from, to, why: 'none of its ports is known' });
    }
    for (const { target, allowed } of leading) {
      const found = declaredProbe(world, source, target, allowed);
      if ('why' in found) untried.set(`${from} ${target.id}`, found);
      else probes.set(keyOf(found), found);
    }
  }
  return { probes: [...probes.values()], untried: [...untried.values()] };
}

/** Workloads of which no port can be tried. */
function withoutPorts(world: World, targets: readonly Target[]): ReadonlySet<string> {
  const known = new Set(targets.flatMap(({ behind }) => behind.map(({ workload }) => workload)));
  return new Set([...firstPlaces(world).keys()].filter((id) => !known.has(id)));
}

function allowedAt({ to, allow }: ResultConnection, { behind }: Target): AllowedPorts[] {
  const ports = behind.filter(({ workload }) => workload === to).map(({ port }) => port);
  return allow.filter(({ ports: spans }) =>
    spans.some(([low, high]) =>
      ports.some((one) => one !== undefined && low <= one && one <= high),
    ),
  );
}

function declaredProbe(
  world: World,
  source: Source,
  target: Target,
  { http }: AllowedPorts,
): Probe | Untried {
  const untried = (why: string): Untried => ({ from: source.id, to: target.id, why });
  if (source.why !== undefined) return untried(source.why);
  const { kind } = target;
  if (kind === undefined) return untried('only DNS is tried by UDP');
  const requests = candidates(kind, http);
  const asked = requests.map((request) => probe(world, source, { ...target, kind }, request));
  const allowed = asked.find((one) => one?.expected === 'ALLOWED');
  return allowed ?? untried('no request is known that certainly gets through');
}

/** The simplest request first, then what the rules name. */
function candidates(kind: ProbeKind, http: readonly HttpAnswer[] | undefined): Request[] {
  return [simplestOf(kind), ...(http ?? []).flatMap(requestsIn)];
}

/** The attempt, where the policies are certain of it. */
function probe(
  world: World,
  source: Source,
  { id: to, end, port, kind, proxied }: Target & { readonly kind: ProbeKind },
  request: Request,
): Probe | undefined {
  const protocol = port.protocol === Protocol.UDP ? ('UDP' as const) : ('TCP' as const);
  const { verdict } = ask(world, {
    from: { kind: 'workload', id: source.id },
    to: end,
    ...{ protocol, port: port.port, ...request },
  });
  if (verdict === 'UNKNOWN') return undefined;
  return {
    ...{ from: source.id, to, protocol, port: port.port, ...request },
    ...{ kind, expected: verdict, proxied: proxied || source.proxied },
  };
}

/** Every pair is met once, in leaps, so that few of them come from all over the cluster. */
function deniedOf(
  world: World,
  sources: readonly Source[],
  targets: readonly Target[],
  most: number,
): Probe[] {
  const usable = sources.filter(({ why }) => why === undefined);
  const pairs = usable.length * targets.length;
  const found: Probe[] = [];
  for (let step = 0, at = 0; step < pairs && found.length < most; step += 1) {
    at = (at + leapOf(pairs)) % pairs;
    const source = usable[at % usable.length];
    const target = targets[Math.floor(at / usable.length)];
    if (source === undefined || target?.kind === undefined || isBehind(source, target)) continue;
    const { kind } = target;
    const tried = probe(world, source, { ...target, kind }, simplestOf(kind));
    if (tried?.expected === 'DENIED') found.push(tried);
  }
  return found;
}

/** About the golden section of all, without a common divisor: every pair has its turn. */
function leapOf(pairs: number): number {
  let leap = Math.max(1, Math.floor(pairs * 0.618));
  while (divisor(leap, pairs) !== 1) leap += 1;
  return leap;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

function isBehind({ id }: Source, { behind }: Target): boolean {
  return behind.some(({ workload }) => workload === id);
}

function sourcesOf(world: World): ReadonlyMap<string, Source> {
  return new Map(
    [...firstPlaces(world)].map(([id, place]) => {
      const pods = world.classes[place]?.pods;
      const why = pods === undefined ? undefined : reasonAgainst(pods);
      const proxied = world.proxyAt(place) !== 'none';
      return [id, { id, proxied, ...(why !== undefined && { why }) }] as const;
    }),
  );
}

function reasonAgainst({ hostNetwork }: PodFacts): string | undefined {
  return hostNetwork ? 'its pods are on the network of their node' : undefined;
}

function targetsOf(world: World): Target[] {
  const behind = world.cluster.services.flatMap((service) => targetsAt(world, service));
  const served = new Set(
    behind.flatMap((target) =>
      target.behind.map(
        ({ workload, port }) => `${workload} ${target.port.protocol} ${port ?? ''}`,
      ),
    ),
  );
  const alone = [...firstPlaces(world)].flatMap(([id, place]) => {
    const ports = world.classes[place]?.pods.ports ?? [];
    return ports
      .filter(({ protocol, port }) => !served.has(`${id} ${protocol} ${port}`))
      .flatMap((port) => targetAlone(world, id, place, port));
  });
  return [...behind, ...alone];
}

function targetsAt(world: World, service: ServiceFacts): Target[] {
  const { namespace, name } = service;
  return service.ports.flatMap((port): Target[] => {
    const behind = targetsBehind(world, service, port);
    const [first] = behind;
    if (first === undefined || port.protocol === Protocol.SCTP) return [];
    const own = world.classes[first.place]?.pods.ports.find((one) => one.port === first.port);
    return [
      {
        id: `${namespace}/Service/${name}`,
        end: { kind: 'service', namespace, name },
        ...{ port, kind: kindOf(port, own) },
        behind: behind.map((one) => ({
          workload: world.classes[one.place]?.workload.id ?? '',
          ...(one.port !== undefined && { port: one.port }),
        })),
        proxied: behind.some(({ place }) => world.proxyAt(place) !== 'none'),
      },
    ];
  });
}

function targetAlone(world: World, id: string, place: number, own: ContainerPort): Target[] {
  if (own.protocol === Protocol.SCTP) return [];
  return [
    {
      ...{ id, end: { kind: 'workload', id }, port: own, kind: kindOf(own, own) },
      behind: [{ workload: id, port: own.port }],
      proxied: world.proxyAt(place) !== 'none',
    },
  ];
}

/** The first class of each workload that the input shows. */
function firstPlaces(world: World): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  world.classes.forEach(({ workload }, place) => {
    if (workload.kind !== STRANGER && !found.has(workload.id)) found.set(workload.id, place);
  });
  return found;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
