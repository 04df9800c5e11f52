/**
 * What the registry of limited proxies cannot say exactly: which Sidecar applies, which host a plain
 * TCP port means, which ports of a host are whose.
 */
import type { FlowData } from '../../traffic/data';
import { workloadsIn } from '../../traffic/model';
import { hostCovers, hostsOverlap } from '../../values/istio/names';
import type { Problem } from '../../values/problem';
import { isEverything, selectorMatches } from '../../values/selector';
import type { RenderContext } from '../context';
import { flowProblem } from '../flow-problem';
import { podsName } from '../subjects';
import type { Destination } from './egress-destinations';
import type { Entry } from './egress-entries';
import type { EgressLimit } from './egress-limits';
import type { EgressScope } from './egress-scopes';
import type { LimitedProxies } from './egress-sidecars';

/** A ServiceEntry with the name of a Service would be merged with it, or take its requests. */
export function serviceNameProblems({ model, profile }: RenderContext): Problem[] {
  const services = `*.svc.${profile.clusterDomain}`;
  return [...model.flows.values()].flatMap((flow) => {
    const { to } = flow;
    const inside = to.kind === 'fqdn' ? to.names.filter((one) => hostsOverlap(one, services)) : [];
    if (inside.length === 0) return [];
    return [
      flowProblem(flow, {
        code: 'fqdn-in-cluster',
        got: inside,
        expected: `host names outside the cluster: these are Services of it (${services})`,
        fix: 'allowTo the workload behind the Service, or Peer.namespace of it',
      }),
    ];
  });
}

/** Two Sidecars with selectors that mean one pod: Istio takes either (IST0110). */
export function overlapProblems(
  { model }: RenderContext,
  proxies: readonly LimitedProxies[],
): Problem[] {
  const selecting = proxies.filter(({ scope }) => !isEverything(scope.pods));
  return selecting
    .filter(({ scope }) => scope.workload === undefined)
    .flatMap(({ scope }) => {
      const { namespace, pods } = scope;
      const shared = workloadsIn(model, namespace).find(
        ({ name, podLabels }) =>
          selectorMatches(pods, podLabels) &&
          selecting.some(
            (other) => other.scope !== scope && isFor(other.scope, { namespace, name, podLabels }),
          ),
      );
      const [flow] = scope.flows;
      if (shared === undefined || flow === undefined) return [];
      return [
        flowProblem(flow, {
          code: 'sidecars-overlap',
          got: podsName(pods),
          expected: `callers whose proxies no other declaration limits otherwise: ${namespace}/${shared.name} is among them and calls other hosts too`,
          fix: 'name the workloads one by one as callers, instead of pods by label',
        }),
      ];
    });
}

function isFor(
  scope: EgressScope,
  pods: { namespace: string; name: string; podLabels: Readonly<Record<string, string>> },
): boolean {
  if (scope.namespace !== pods.namespace) return false;
  return scope.workload === undefined
    ? selectorMatches(scope.pods, pods.podLabels)
    : scope.workload.name === pods.name;
}

/** Problems of one scope with the entries of its namespace. */
export function portProblems(limit: EgressLimit, entries: readonly Entry[]): Problem[] {
  if (limit.obstacle !== undefined) return [];
  return limit.destinations.flatMap((destination) => {
    const [flow] = limit.flowsTo.get(destination.name) ?? [];
    if (flow === undefined) return [];
    return [
      ...plainProblems(limit, destination, flow),
      ...protocolProblems(limit, destination, { flow, entries }),
      ...foreignPortProblems(limit, destination, { flow, entries }),
    ];
  });
}

/** Plain TCP to a name goes wherever the only entry of that port says, whatever was asked for. */
function plainProblems(
  { destinations }: EgressLimit,
  { host, ports, addresses }: Destination,
  flow: FlowData,
): Problem[] {
  if (addresses.length > 0) return [];
  const plain = ports.filter(({ protocol }) => protocol === 'TCP').map(({ number }) => number);
  const other = destinations.find(
    (one) =>
      one.host !== host &&
      one.addresses.length === 0 &&
      one.ports.some(({ number, protocol }) => protocol === 'TCP' && plain.includes(number)),
  );
  if (other === undefined) return [];
  return [
    flowProblem(flow, {
      code: 'tcp-names-share-port',
      got: [host, other.host].sort(),
      expected: `one host per plain TCP port, which carries no names: TCP ${plain.join(', ')}`,
      fix: 'Port.https(…) where TLS is spoken, or name the addresses with Peer.cidr',
    }),
  ];
}

/** One port of a host is spoken in one protocol, whoever calls it (IST0177). */
function protocolProblems(
  { scope }: EgressLimit,
  { name, host }: Destination,
  { flow, entries }: { readonly flow: FlowData; readonly entries: readonly Entry[] },
): Problem[] {
  const entry = entries.find((one) => one.destination.name === name);
  const ports = entry?.destination.ports ?? [];
  const twice = ports.find(
    ({ number }, index) => ports.findIndex((one) => one.number === number) !== index,
  );
  if (twice === undefined) return [];
  const protocols = ports.filter(({ number }) => number === twice.number);
  return [
    flowProblem(flow, {
      code: 'external-protocols',
      got: protocols.map(({ protocol }) => `${protocol} ${String(twice.number)}`),
      expected: `one protocol for a port of ${host} in namespace ${scope.namespace}`,
      fix: `Port.https(${String(twice.number)}) in all flows to it`,
    }),
  ];
}

/**
 * An entry is imported with all its ports: those that another workload declared are opened too,
 * where NetworkPolicy opens the internet on them for the sake of another host.
 */
function foreignPortProblems(
  { scope, destinations }: EgressLimit,
  { host, ports, addresses }: Destination,
  { flow, entries }: { readonly flow: FlowData; readonly entries: readonly Entry[] },
): Problem[] {
  if (addresses.length > 0) return [];
  const own = ports.map(({ number }) => number);
  const named = new Set(
    destinations
      .filter((one) => one.addresses.length === 0)
      .flatMap((one) => one.ports.map(({ number }) => number)),
  );
  const gained = entries
    .filter(
      ({ destination: other }) =>
        other.addresses.length === 0 &&
        hostCovers(host, other.host) &&
        !destinations.some((one) => one.name === other.name && one.host !== host),
    )
    .flatMap((entry) => entry.destination.ports.map(({ number }) => ({ entry, number })))
    .find(({ number }) => named.has(number) && !own.includes(number));
  if (gained === undefined) return [];
  return [
    flowProblem(flow, {
      code: 'host-ports-shared',
      got: own.map((port) => `TCP ${String(port)}`),
      expected: `the ports of ${gained.entry.destination.host} that others of ${scope.namespace} use: the pods could reach TCP ${String(gained.number)} of it too`,
      fix: 'declare the same ports for both, or let one of them go through an egress gateway (via)',
    }),
  ];
}
